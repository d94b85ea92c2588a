package io.cgrouppolicy.core.namespace;

/// Whether a policy's objects would reject a pod that runs in the namespace now, for a policy with
/// `rollout: WhenSafe`.
public enum PodSafety {
  /// They would reject none.
  Safe,
  /// They would reject at least one.
  Unsafe,
  /// The operator may not list or watch pods. Never taken as safe.
  NotVisible,
  /// The first list of pods is not complete.
  NotListed,
  /// How the pods' Deployments roll out is being looked up.
  OwnersPending;

  /// What the namespace waits for, or null when the answer is final for the pods as they are.
  Undecided.Reason undecided() {
    return switch (this) {
      case Safe, Unsafe, NotVisible -> null;
      case NotListed -> Undecided.Reason.PodsNotListed;
      case OwnersPending -> Undecided.Reason.OwnersPending;
    };
  }
}
