package io.cgrouppolicy.compliance;

import java.util.List;

/// What one policy, at one generation, says of one namespace.
///
/// @param trouble what kept the operator from judging or writing, or null
/// @param findings what is not as the policy says, exceptions not yet considered
public record NamespaceVerdict(
    String policyUid, long generation, Trouble trouble, List<Finding> findings) {

  /// Why the namespace is not as it should be through no fault of its own.
  ///
  /// @param reason CamelCase, becomes the reason of the condition Ready
  public record Trouble(String reason, String message) {}
}
