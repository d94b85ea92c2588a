package io.cgrouppolicy.shell.pods;

import static java.util.Objects.requireNonNullElse;

import io.cgrouppolicy.core.pods.Controllers;
import io.cgrouppolicy.core.pods.PodFacts.Controller;
import io.cgrouppolicy.core.pods.PodReader;
import io.cgrouppolicy.core.pods.PodShape;
import io.cgrouppolicy.core.pods.Workload;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Optional;

/// Reads the owner of a pod's controller, and the surge of a Deployment.
final class OwnerReader {
  private final KubernetesClient client;

  /// @param workload the topmost controller
  /// @param active false if the direct controller wants no more pods than it has, like the
  ///     ReplicaSet of an old revision, or one that was scaled down to what the quota admits
  /// @param template of the pods that the direct controller lacks, or null
  record Found(Workload workload, boolean active, PodShape template) {}

  OwnerReader(KubernetesClient client) {
    this.client = client;
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
        Controllers.owner(object)
            .map(owner -> owned(namespace, owner))
            .orElseGet(() -> Controllers.unowned(controller));
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
    return Controllers.owned(
        owner,
        Controllers.isDeployment(owner)
            ? client.apps().deployments().inNamespace(namespace).withName(owner.getName()).get()
            : null);
  }
}
