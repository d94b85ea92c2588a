package io.cgrouppolicy.shell.pods;

import static java.util.Objects.requireNonNullElse;

import io.cgrouppolicy.core.pods.PodFacts.Controller;
import io.cgrouppolicy.core.pods.PodReader;
import io.cgrouppolicy.core.pods.PodShape;
import io.cgrouppolicy.core.pods.Workload;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Optional;

/// Reads the owner of a pod's controller, and the surge of a Deployment.
final class OwnerReader {
  /// The surge of a workload that deletes a pod before it creates the replacement.
  private static final String NO_SURGE = "0";

  /// `SetDefaults_Deployment` of pkg/apis/apps/v1, v1.36.
  private static final String DEFAULT_SURGE = "25%";

  private final KubernetesClient client;

  /// @param workload the topmost controller
  /// @param active false if the direct controller wants no more pods than it has, like the
  ///     ReplicaSet of an old revision, or one that was scaled down to what the quota admits
  /// @param template of the pods that the direct controller lacks, or null
  record Found(Workload workload, boolean active, PodShape template) {}

  OwnerReader(KubernetesClient client) {
    this.client = client;
  }

  /// Whether the controller is of a kind that usually has an owner.
  static boolean isOwned(Controller controller) {
    return is(controller, "ReplicaSet", "apps/") || is(controller, "Job", "batch/");
  }

  private static boolean is(Controller controller, String kind, String group) {
    return controller.kind().equals(kind) && controller.apiVersion().startsWith(group);
  }

  /// The controller itself as the workload.
  static Workload direct(Controller controller) {
    return new Workload(
        controller.apiVersion(),
        controller.kind(),
        controller.name(),
        controller.uid(),
        is(controller, "StatefulSet", "apps/") ? NO_SURGE : null);
  }

  /// @return empty if the controller no longer exists
  /// @throws io.fabric8.kubernetes.client.KubernetesClientException if the API server denies the
  ///     read or does not respond
  Optional<Found> read(String namespace, Controller controller) {
    HasMetadata object =
        controller.kind().equals("Job")
            ? client.batch().v1().jobs().inNamespace(namespace).withName(controller.name()).get()
            : client.apps().replicaSets().inNamespace(namespace).withName(controller.name()).get();
    if (object == null || !controller.uid().equals(object.getMetadata().getUid())) {
      return Optional.empty();
    }
    var workload =
        object.getMetadata().getOwnerReferences().stream()
            .filter(owner -> Boolean.TRUE.equals(owner.getController()))
            .findFirst()
            .map(owner -> owned(namespace, owner))
            .orElse(
                new Workload(
                    controller.apiVersion(),
                    controller.kind(),
                    controller.name(),
                    controller.uid(),
                    NO_SURGE));
    return Optional.of(
        switch (object) {
          case ReplicaSet set when lacksPods(set) ->
              new Found(workload, true, shape(set.getSpec().getTemplate()));
          case ReplicaSet set -> new Found(workload, false, null);
          case Job job -> new Found(workload, true, shape(job.getSpec().getTemplate()));
          default -> throw new IllegalStateException(object.getKind());
        });
  }

  private static PodShape shape(PodTemplateSpec template) {
    return template == null ? null : PodReader.shape(template.getSpec());
  }

  static boolean lacksPods(ReplicaSet set) {
    int wanted = requireNonNullElse(set.getSpec().getReplicas(), 1);
    return set.getStatus() == null
        ? wanted > 0
        : requireNonNullElse(set.getStatus().getReplicas(), 0) < wanted;
  }

  private Workload owned(String namespace, OwnerReference owner) {
    boolean deployment =
        owner.getKind().equals("Deployment") && owner.getApiVersion().startsWith("apps/");
    return new Workload(
        owner.getApiVersion(),
        owner.getKind(),
        owner.getName(),
        owner.getUid(),
        deployment ? surge(namespace, owner.getName()) : null);
  }

  private String surge(String namespace, String name) {
    var deployment = client.apps().deployments().inNamespace(namespace).withName(name).get();
    return deployment == null ? null : surge(deployment);
  }

  static String surge(Deployment deployment) {
    var strategy = deployment.getSpec().getStrategy();
    if (strategy != null && "Recreate".equals(strategy.getType())) {
      return NO_SURGE;
    }
    var rolling = strategy == null ? null : strategy.getRollingUpdate();
    if (rolling == null || rolling.getMaxSurge() == null) {
      return DEFAULT_SURGE;
    }
    var surge = rolling.getMaxSurge();
    return surge.getStrVal() != null ? surge.getStrVal() : String.valueOf(surge.getIntVal());
  }
}
