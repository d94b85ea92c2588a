package io.cgrouppolicy.shell.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/// Measures the heap per pod. The goal is at most 1 KB, whatever the size of its JSON.
class PodHeapTest {
  private static final int PODS = 20_000;
  private static final int REPLICAS = 5;
  private static final int NAMESPACES = 200;

  @Test
  void aPodCostsLessThanAKilobyte() {
    long before = used();
    var index = new PodIndex();
    var store = new PodStore(index, (was, is) -> {});
    for (int i = 0; i < PODS; i++) {
      var pod = pod(i);
      store.put(store.getKey(pod), pod);
    }
    long bytes = (used() - before) / PODS;
    System.out.println("heap for each of " + PODS + " pods: " + bytes + " bytes");
    assertThat(index.size()).isEqualTo(PODS);
    assertThat(store.shapes()).isLessThan(PODS / REPLICAS);
    assertThat(bytes).isBetween(100L, 1024L);
  }

  /// As a watch delivers it, with each string its own instance.
  private static Pod pod(int i) {
    int workload = i / REPLICAS;
    return Serialization.unmarshal(
        """
        apiVersion: v1
        kind: Pod
        metadata:
          name: service-%1$d-5d9fb7c6b8-%2$05x
          namespace: team-%3$d
          uid: %4$s
          resourceVersion: "%5$d"
          creationTimestamp: "2026-01-01T00:00:00Z"
          labels: {app: service-%1$d, pod-template-hash: 5d9fb7c6b8}
          ownerReferences:
          - {apiVersion: apps/v1, kind: ReplicaSet, name: service-%1$d-5d9fb7c6b8, uid: 00000000-0000-0000-0000-%1$012d, controller: true}
        spec:
          nodeName: worker-%6$d
          priorityClassName: standard
          priority: 1000
          initContainers:
          - {name: setup, resources: {requests: {cpu: 10m, memory: 32Mi}, limits: {memory: 64Mi}}}
          containers:
          - {name: app, resources: {requests: {cpu: %7$dm, memory: 256Mi}, limits: {memory: %8$dMi}}}
          - {name: sidecar, resources: {requests: {cpu: 10m, memory: 32Mi}}}
        status: {phase: Running, podIP: 10.0.0.1}
        """
            .formatted(
                workload,
                i,
                workload % NAMESPACES,
                UUID.randomUUID(),
                1_000_000 + i,
                i % 200,
                100 + workload % 37 * 10,
                256 + workload % 11 * 64),
        Pod.class);
  }

  private static long used() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 5; i++) {
      System.gc();
      var runtime = Runtime.getRuntime();
      least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
    }
    return least;
  }
}
