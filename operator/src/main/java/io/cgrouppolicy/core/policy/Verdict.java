package io.cgrouppolicy.core.policy;

/// What one policy finds on one object, at one generation of the policy.
public interface Verdict {
  String policyUid();

  long generation();

  /// Whether the verdict is of the current generation of the policy; older verdicts do not count.
  default boolean isOf(CompiledPolicy policy) {
    return generation() == policy.generation() && policyUid().equals(policy.uid());
  }

  /// Whether both verdicts are of the same policy at the same generation, so that differences come
  /// from the object.
  default boolean isAsOf(Verdict other) {
    return generation() == other.generation() && policyUid().equals(other.policyUid());
  }
}
