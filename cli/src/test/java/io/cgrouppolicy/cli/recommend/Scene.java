package io.cgrouppolicy.cli.recommend;

import io.cgrouppolicy.cli.audit.Snapshot;
import io.cgrouppolicy.cli.audit.Snapshot.NamespaceSnapshot;
import io.cgrouppolicy.cli.recommend.Usage.ContainerId;
import io.cgrouppolicy.core.kubelet.Platform;
import io.cgrouppolicy.core.namespace.Observed;
import io.cgrouppolicy.core.pods.PodFacts;
import io.cgrouppolicy.core.pods.PodReader;
import io.cgrouppolicy.core.pods.Workload;
import io.cgrouppolicy.core.policy.SystemNamespaces;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/// A small cluster for tests, and what its containers use.
final class Scene {
  static final SystemNamespaces SYSTEM =
      SystemNamespaces.of(List.of(SystemNamespaces.DEFAULT.split(",")), "cgroup-policy-system");

  private final Map<String, List<PodFacts>> pods = new TreeMap<>();
  private final Map<String, List<LimitRange>> limitRanges = new HashMap<>();
  private final Map<String, Workload> workloads = new HashMap<>();
  private final Map<ContainerId, ContainerUsage> usage = new HashMap<>();
  private final PodReader reader = new PodReader();

  /// A Deployment whose pods have a container `app`.
  Scene deployment(String namespace, String name, int replicas, String resources) {
    for (int i = 0; i < replicas; i++) {
      pod(
          namespace,
          name + "-5d4f8c7b9-bcdf" + "bcdfghjklmnpqrstvwxz".charAt(i),
          new Workload("Deployment", name, "25%"),
          "containers: [{name: app, resources: %s}]".formatted(resources));
    }
    return this;
  }

  /// @param workload null for a pod without a controller
  Scene pod(String namespace, String name, Workload workload, String spec) {
    var pod =
        Serialization.unmarshal(
            "apiVersion: v1\nkind: Pod\nmetadata: {name: %s, namespace: %s, uid: %s-%s}\nspec: {%s}"
                .formatted(name, namespace, namespace, name, spec),
            Pod.class);
    return add(reader.read(pod).orElseThrow(), workload);
  }

  Scene add(PodFacts pod, Workload workload) {
    pods.computeIfAbsent(pod.namespace(), namespace -> new ArrayList<>()).add(pod);
    workloads.put(pod.uid(), workload == null ? Workload.of(pod) : workload);
    return this;
  }

  /// A LimitRange of another owner.
  Scene limitRange(String namespace, String item) {
    var limitRange =
        Serialization.unmarshal(
            "apiVersion: v1\nkind: LimitRange\nmetadata: {name: theirs, namespace: %s}\nspec: {limits: [%s]}"
                .formatted(namespace, item),
            LimitRange.class);
    limitRanges.computeIfAbsent(namespace, name -> new ArrayList<>()).add(limitRange);
    return this;
  }

  Scene used(
      String namespace, String pod, String container, String peak, String memory, String cpu) {
    usage.put(
        new ContainerId(namespace, pod, container),
        new ContainerUsage(number(peak), number(memory), number(cpu)));
    return this;
  }

  private static BigDecimal number(String quantity) {
    return Quantity.getAmountInBytes(new Quantity(quantity));
  }

  Snapshot snapshot() {
    var names = new TreeSet<>(pods.keySet());
    names.addAll(limitRanges.keySet());
    return new Snapshot(
        names.stream()
            .map(
                name ->
                    new NamespaceSnapshot(
                        name,
                        Map.of(PolicyFactory.NAME_LABEL, name),
                        Observed.of(limitRanges.getOrDefault(name, List.of()), List.of()),
                        pods.getOrDefault(name, List.of()),
                        List.of(),
                        List.of()))
            .toList(),
        pod -> workloads.get(pod.uid()),
        List.of(),
        Platform.UPSTREAM);
  }

  static Choices choices(String... namespaces) {
    return new Choices("recommended", 30, 95, List.of(namespaces), List.of());
  }

  Recommendation recommend(Choices choices) {
    var known =
        usage.isEmpty()
            ? Usage.none("metrics.k8s.io is not installed")
            : Usage.window("test", usage);
    return Recommender.of(snapshot(), known, choices, SYSTEM);
  }

  Recommendation recommend() {
    return recommend(choices());
  }
}
