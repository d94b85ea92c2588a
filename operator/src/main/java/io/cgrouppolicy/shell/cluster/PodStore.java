package io.cgrouppolicy.shell.cluster;

import io.cgrouppolicy.core.pods.PodFacts;
import io.cgrouppolicy.core.pods.PodReader;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.stream.Stream;

/// Keeps only the [PodFacts] of a watched pod. When the informer reads a pod, the store builds one
/// with just the metadata that the informer needs.
final class PodStore implements ItemStore<Pod> {
  private final PodIndex index;
  private final PodReader reader = new PodReader();
  private final BiConsumer<PodFacts, PodFacts> changed;

  /// @param changed receives a pod's facts before and after a change; null before it was created
  ///     and after it was deleted; must not block
  PodStore(PodIndex index, BiConsumer<PodFacts, PodFacts> changed) {
    this.index = index;
    this.changed = changed;
  }

  /// The number of distinct pod shapes.
  int shapes() {
    return reader.shapes();
  }

  @Override
  public String getKey(Pod pod) {
    return Cache.metaNamespaceKeyFunc(pod);
  }

  @Override
  public Pod put(String key, Pod pod) {
    var read = reader.read(pod);
    if (read.isEmpty()) {
      return remove(key); // the pod has ended
    }
    var after = read.get();
    var before = index.put(after);
    if (before == null || !same(before, after)) {
      changed.accept(before, after);
    }
    return skeleton(before);
  }

  /// Whether no judged fact changed. Most updates are kubelet writes of the pod's status.
  static boolean same(PodFacts before, PodFacts after) {
    return before.uid().equals(after.uid())
        && before.node().equals(after.node())
        && before.terminating() == after.terminating()
        && before.mirror() == after.mirror()
        && Objects.equals(before.controller(), after.controller())
        && (before.shape() == after.shape() || before.shape().equals(after.shape()));
  }

  @Override
  public Pod remove(String key) {
    var name = key.split("/", 2);
    var before = index.remove(name[0], name[1]);
    if (before != null) {
      changed.accept(before, null);
    }
    return skeleton(before);
  }

  @Override
  public Stream<String> keySet() {
    return index.all().stream().map(pod -> Cache.namespaceKeyFunc(pod.namespace(), pod.name()));
  }

  @Override
  public Stream<Pod> values() {
    return index.all().stream().map(PodStore::skeleton);
  }

  @Override
  public int size() {
    return index.size();
  }

  @Override
  public Pod get(String key) {
    var name = key.split("/", 2);
    return skeleton(index.get(name[0], name[1]));
  }

  @Override
  public boolean isFullState() {
    return false;
  }

  private static Pod skeleton(PodFacts pod) {
    return pod == null
        ? null
        : new PodBuilder()
            .withNewMetadata()
            .withNamespace(pod.namespace())
            .withName(pod.name())
            .withUid(pod.uid())
            .withResourceVersion(pod.resourceVersion())
            .endMetadata()
            .build();
  }
}
