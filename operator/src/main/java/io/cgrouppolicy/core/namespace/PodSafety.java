package io.cgrouppolicy.core.namespace;

/// Whether the objects of a policy with `rollout: WhenSafe` would reject a pod that is running in
/// the namespace.
public enum PodSafety {
  /// They would reject no pod.
  Safe,
  /// They would reject at least one pod.
  Unsafe,
  /// The operator cannot see pods, for example without permission. Never counts as safe.
  NotVisible,
  /// The first list of pods is incomplete.
  NotListed,
  /// The owners of the pods, and the surge of their Deployments, are being looked up.
  OwnersPending;

  /// What the namespace waits for, or null if the answer is final for the current pods.
  Undecided.Reason undecided() {
    return switch (this) {
      case Safe, Unsafe, NotVisible -> null;
      case NotListed -> Undecided.Reason.PodsNotListed;
      case OwnersPending -> Undecided.Reason.OwnersPending;
    };
  }
}
