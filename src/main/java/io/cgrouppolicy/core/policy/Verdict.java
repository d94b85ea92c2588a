package io.cgrouppolicy.core.policy;

/// What one policy, at one generation, says of one object.
public interface Verdict {
  String policyUid();

  long generation();

  /// Whether it is of the policy as it is now; what an older generation said does not count.
  default boolean isOf(CompiledPolicy policy) {
    return generation() == policy.generation() && policyUid().equals(policy.uid());
  }

  /// Whether the same policy says both, at the same generation: what differs is the object's doing.
  default boolean isAsOf(Verdict other) {
    return generation() == other.generation() && policyUid().equals(other.policyUid());
  }
}
