package io.cgrouppolicy.shell.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.pods.PodFacts;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The facts kept for watched pods, and the reported changes.
class PodStoreTest {
  private final PodIndex index = new PodIndex();
  private final List<String> changes = new ArrayList<>();
  private final PodStore store =
      new PodStore(index, (before, after) -> changes.add(text(before) + " -> " + text(after)));

  private static String text(PodFacts pod) {
    return pod == null ? "none" : pod.name() + "@" + pod.node();
  }

  private static Pod pod(String uid, String version, String node, String status, String resources) {
    return Serialization.unmarshal(
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: a, namespace: n, uid: %s, resourceVersion: "%s", creationTimestamp: "2026-01-01T00:00:00Z"}
        spec: {nodeName: %s, containers: [{name: c, resources: %s}]}
        status: %s
        """
            .formatted(uid, version, node, resources, status),
        Pod.class);
  }

  private void put(Pod pod) {
    store.put(store.getKey(pod), pod);
  }

  @Test
  void ignoresStatusChanges() {
    put(pod("u", "1", null, "{phase: Pending}", "{}"));
    put(pod("u", "2", null, "{phase: Pending, conditions: [{type: PodScheduled}]}", "{}"));
    put(pod("u", "3", "w1", "{phase: Pending}", "{}"));
    put(pod("u", "4", "w1", "{phase: Running, podIP: 10.0.0.1}", "{}"));
    put(pod("u", "5", "w1", "{phase: Running}", "{limits: {memory: 1Gi}}"));
    assertThat(changes).containsExactly("none -> a@", "a@ -> a@w1", "a@w1 -> a@w1");
    assertThat(store.get("n/a").getMetadata().getResourceVersion()).isEqualTo("5");
  }

  @Test
  void dropsAPodThatHasEnded() {
    put(pod("u", "1", "w1", "{phase: Running}", "{}"));
    put(pod("u", "2", "w1", "{phase: Succeeded}", "{}"));
    put(pod("u", "3", "w1", "{phase: Succeeded, reason: x}", "{}"));
    assertThat(changes).containsExactly("none -> a@w1", "a@w1 -> none");
    assertThat(store.size()).isZero();
    assertThat(index.inNamespace("n")).isEmpty();
    assertThat(index.onNode("w1")).isEmpty();
  }

  @Test
  void aRecreatedPodReplacesTheOldOne() {
    put(pod("u1", "1", "w1", "{}", "{}"));
    put(pod("u2", "2", "w2", "{}", "{}"));
    assertThat(changes).containsExactly("none -> a@w1", "a@w1 -> a@w2");
    assertThat(index.onNode("w1")).isEmpty();
    assertThat(index.onNode("w2")).extracting(PodFacts::uid).containsExactly("u2");
    assertThat(index.size()).isEqualTo(1);
    assertThat(store.keySet()).containsExactly("n/a");
    store.remove("n/a");
    store.remove("n/a");
    assertThat(changes).hasSize(3).last().isEqualTo("a@w2 -> none");
  }

  @Test
  void theInformerGetsOnlyMetadata() {
    put(pod("u", "7", "w1", "{phase: Running}", "{limits: {memory: 1Gi}}"));
    var skeleton = store.values().toList().getFirst();
    assertThat(skeleton.getMetadata().getName()).isEqualTo("a");
    assertThat(skeleton.getMetadata().getUid()).isEqualTo("u");
    assertThat(store.getKey(skeleton)).isEqualTo("n/a");
    assertThat(skeleton.getSpec()).isNull();
    assertThat(store.isFullState()).isFalse();
  }
}
