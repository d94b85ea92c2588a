package io.cgrouppolicy.cli.explain;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;

/// What becomes of a pod, and why.
///
/// @param subject such as `deployment/web`
/// @param creation how the pod comes to be: instead of one that runs, or beside them
/// @param policies all policies, in order of precedence
/// @param noPolicies why there is none, or null
/// @param objects the LimitRanges and ResourceQuotas in the namespace
/// @param now what the objects in the namespace make of the pod
/// @param with what the objects of each policy would make of it that are not in the namespace
@JsonInclude(Include.NON_EMPTY)
public record Explanation(
    String subject,
    String namespace,
    String creation,
    List<Relation> policies,
    String noPolicies,
    List<Origin> objects,
    Result now,
    List<PolicyResult> with) {

  /// What a policy has to do with the namespace.
  ///
  /// @param relation such as `governs`
  /// @param why in words
  /// @param violations of what the policy requires of pods, if it evaluates them
  @JsonInclude(Include.NON_EMPTY)
  public record Relation(
      String policy, String relation, String why, List<Requirement> violations) {}

  /// What a policy requires of pods and the pod does not have.
  public record Requirement(String check, String message) {}

  /// A LimitRange or ResourceQuota, and whom to ask about it. The last three are null if unknown.
  @JsonInclude(Include.NON_NULL)
  public record Origin(
      String kind, String name, String policy, String contact, String documentation) {}

  /// The result with the objects of a policy.
  ///
  /// @param why they are not in the namespace
  public record PolicyResult(String policy, String why, Result result) {}

  /// The result of admission.
  ///
  /// @param qosClass of the pod, if it is admitted
  /// @param rejections in the API server's words
  /// @param change a change of the pod that lets it in, if one was found
  /// @param commands that make the change
  /// @param raises of quotas that let it in as it is
  @JsonInclude(Include.NON_EMPTY)
  public record Result(
      boolean admitted,
      List<Container> containers,
      String qosClass,
      List<Counted> quotas,
      List<String> rejections,
      List<Change> change,
      List<String> commands,
      List<Raise> raises) {}

  /// A container with its defaults.
  public record Container(String name, List<Value> requests, List<Value> limits) {}

  /// One quantity.
  ///
  /// @param origin `written`, `default` by a LimitRange, or `limit`: the API server copies it into
  ///     a request that is unset
  public record Value(String resource, Quantity quantity, String origin) {}

  /// What a quota counts of the pod.
  ///
  /// @param used by other pods
  public record Counted(
      String quota, String resource, String used, String requested, String hard) {}

  /// A value to set.
  ///
  /// @param field such as `limits.memory`
  /// @param from null if it is unset
  /// @param any whether another value would do as well
  @JsonInclude(Include.NON_NULL)
  public record Change(String container, String field, String from, String to, boolean any) {}

  /// A quota to raise.
  public record Raise(String quota, String resource, String from, String to) {}

  /// Whether something is wrong: it is rejected, would be, or violates a policy.
  public boolean finds() {
    return !now.admitted()
        || with.stream().anyMatch(other -> !other.result().admitted())
        || policies.stream().anyMatch(policy -> !policy.violations().isEmpty());
  }
}
