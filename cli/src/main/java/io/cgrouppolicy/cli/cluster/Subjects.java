package io.cgrouppolicy.cli.cluster;

import io.cgrouppolicy.core.pods.PodFacts;
import io.cgrouppolicy.core.pods.PodReader;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ReplicationController;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Reads a pod or workload, its pods, and the quotas around it.
public final class Subjects {
  private final KubernetesClient client;
  private final String namespace;

  /// The kinds that make pods, with the names that kubectl accepts.
  public enum Kind {
    POD(Pod.class, "pods", "po"),
    DEPLOYMENT(Deployment.class, "deployments", "deploy"),
    STATEFULSET(StatefulSet.class, "statefulsets", "sts"),
    DAEMONSET(DaemonSet.class, "daemonsets", "ds"),
    REPLICASET(ReplicaSet.class, "replicasets", "rs"),
    REPLICATIONCONTROLLER(ReplicationController.class, "replicationcontrollers", "rc"),
    JOB(Job.class, "jobs"),
    CRONJOB(CronJob.class, "cronjobs", "cj");

    private final Class<? extends HasMetadata> type;
    private final List<String> names;

    Kind(Class<? extends HasMetadata> type, String... names) {
      this.type = type;
      this.names =
          Stream.concat(Stream.of(name().toLowerCase(Locale.ROOT)), Stream.of(names)).toList();
    }

    /// The kind in lower case.
    public String title() {
      return names.getFirst();
    }

    public static Optional<Kind> of(String text) {
      var name = text.toLowerCase(Locale.ROOT);
      return Stream.of(values()).filter(kind -> kind.names.contains(name)).findFirst();
    }

    /// All kinds, for a message.
    public static String list() {
      return Stream.of(values()).map(Kind::title).collect(Collectors.joining(", "));
    }
  }

  public Subjects(KubernetesClient client, String namespace) {
    this.client = client;
    this.namespace = namespace;
  }

  public Optional<HasMetadata> find(Kind kind, String name) {
    return Optional.ofNullable(
        client.resources(kind.type).inNamespace(namespace).withName(name).get());
  }

  /// The pods of a workload that have not ended, by its selector. A CronJob has none: its Jobs do.
  public List<PodFacts> pods(HasMetadata workload) {
    var selector = selector(workload);
    if (selector == null) {
      return List.of();
    }
    var reader = new PodReader();
    return client
        .pods()
        .inNamespace(namespace)
        .withLabelSelector(selector)
        .list()
        .getItems()
        .stream()
        .flatMap(pod -> reader.read(pod).stream())
        .filter(pod -> !pod.terminating())
        .toList();
  }

  public List<ResourceQuota> quotas() {
    return client.resourceQuotas().inNamespace(namespace).list().getItems();
  }

  private static LabelSelector selector(HasMetadata workload) {
    return switch (workload) {
      case Deployment deployment -> deployment.getSpec().getSelector();
      case StatefulSet set -> set.getSpec().getSelector();
      case DaemonSet set -> set.getSpec().getSelector();
      case ReplicaSet set -> set.getSpec().getSelector();
      case Job job -> job.getSpec().getSelector();
      case ReplicationController controller ->
          new LabelSelector(List.of(), controller.getSpec().getSelector());
      default -> null;
    };
  }
}
