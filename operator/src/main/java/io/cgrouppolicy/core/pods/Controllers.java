package io.cgrouppolicy.core.pods;

import io.cgrouppolicy.core.pods.PodFacts.Controller;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.Optional;

/// The workload behind the controller of a pod.
public final class Controllers {
  /// The surge of a workload that deletes a pod before it creates the replacement.
  public static final String NO_SURGE = "0";

  /// `SetDefaults_Deployment` of pkg/apis/apps/v1, v1.36.
  private static final String DEFAULT_SURGE = "25%";

  private Controllers() {}

  /// Whether the controller is of a kind that usually has an owner.
  public static boolean isOwned(Controller controller) {
    return is(controller, "ReplicaSet", "apps/") || is(controller, "Job", "batch/");
  }

  private static boolean is(Controller controller, String kind, String group) {
    return controller.kind().equals(kind) && controller.apiVersion().startsWith(group);
  }

  /// The owner with `controller: true`.
  public static Optional<OwnerReference> owner(HasMetadata object) {
    return object.getMetadata().getOwnerReferences().stream()
        .filter(owner -> Boolean.TRUE.equals(owner.getController()))
        .findFirst();
  }

  public static boolean isDeployment(OwnerReference owner) {
    return owner.getKind().equals("Deployment") && owner.getApiVersion().startsWith("apps/");
  }

  /// The controller itself as the workload, before its owner is known.
  public static Workload direct(Controller controller) {
    return workload(controller, is(controller, "StatefulSet", "apps/") ? NO_SURGE : null);
  }

  /// A ReplicaSet or Job without an owner.
  public static Workload unowned(Controller controller) {
    return workload(controller, NO_SURGE);
  }

  private static Workload workload(Controller controller, String surge) {
    return new Workload(
        controller.apiVersion(), controller.kind(), controller.name(), controller.uid(), surge);
  }

  /// @param deployment that is the owner; null if it is gone, or of another kind
  public static Workload owned(OwnerReference owner, Deployment deployment) {
    return new Workload(
        owner.getApiVersion(),
        owner.getKind(),
        owner.getName(),
        owner.getUid(),
        deployment == null ? null : surge(deployment));
  }

  /// Its `maxSurge`, with the API server's default.
  public static String surge(Deployment deployment) {
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
