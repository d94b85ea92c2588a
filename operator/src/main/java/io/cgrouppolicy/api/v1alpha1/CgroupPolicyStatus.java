package io.cgrouppolicy.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import java.util.Map;

/// What the operator observed. Counters are exact; the list of violations is a sorted sample.
@JsonInclude(JsonInclude.Include.NON_NULL)
public record CgroupPolicyStatus(
    @JsonPropertyDescription(
            "The generation that this status describes; -1 until an operator has seen the policy.")
        Long observedGeneration,
    @JsonPropertyDescription(
            "Ready, Compliant, NamespacesCompliant, WorkloadsCompliant, NodesCompliant,"
                + " PressureNormal; Reconciling, Stalled and KubeletConfigUnsafe only while true;"
                + " ReportsPublished only if the operator writes reports.")
        List<Condition> conditions,
    @JsonPropertyDescription("Counts of the selected namespaces.") NamespaceCounts namespaces,
    @JsonPropertyDescription("Counts of the pods in the selected namespaces.")
        WorkloadCounts workloads,
    @JsonPropertyDescription(
            "What the LimitRange and ResourceQuota would do to the pods in the selected namespaces if all"
                + " were recreated.")
        PreviewCounts preview,
    @JsonPropertyDescription("Counts of the selected nodes.") NodeCounts nodes,
    @JsonPropertyDescription("Counts of the selected nodes by pressure.") PressureCounts pressure,
    @JsonPropertyDescription("The number of violations; the list may be shorter.")
        Integer violationCount,
    @JsonPropertyDescription("The number of violations of each check that has any.")
        Map<String, Integer> violationsByCheck,
    @JsonPropertyDescription(
            "At most 100 violations, the most severe first. If there are more, the checks share the"
                + " places equally, and so do the namespaces or nodes within a check.")
        List<Violation> violations) {

  /// Namespaces by verdict.
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record NamespaceCounts(
      @JsonPropertyDescription("Selected by this policy.") int selected,
      @JsonPropertyDescription("Without a violation.") int compliant,
      @JsonPropertyDescription("With at least one violation.") int nonCompliant,
      @JsonPropertyDescription("Not evaluated yet, or not writable.") int pending,
      @JsonPropertyDescription("compliant/selected, for the printer column.") String summary) {}

  /// Pods by verdict.
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record WorkloadCounts(
      @JsonPropertyDescription("Pods in the selected namespaces.") int pods,
      @JsonPropertyDescription("Without a violation.") int compliant,
      @JsonPropertyDescription("With at least one violation.") int nonCompliant) {}

  /// Pods by what would happen to them if they were recreated.
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record PreviewCounts(
      @JsonPropertyDescription("Pods that would get a default.") int wouldChange,
      @JsonPropertyDescription("Pods that would be rejected.") int wouldReject,
      @JsonPropertyDescription(
              "Namespaces without their objects, because rollout is WhenSafe and a pod would be"
                  + " rejected.")
          int waiting) {}

  /// Nodes by verdict.
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record NodeCounts(
      @JsonPropertyDescription("Selected by this policy.") int selected,
      @JsonPropertyDescription("Without a violation.") int compliant,
      @JsonPropertyDescription("With at least one violation.") int drifted,
      @JsonPropertyDescription("Not evaluated yet, or the kubelet gave no usable answer.")
          int unknown,
      @JsonPropertyDescription(
              "Without a Linux kubelet to ask: Fargate, virtual-kubelet, kwok, Windows.")
          int notApplicable,
      @JsonPropertyDescription(
              "compliant/selected, excluding nodes that are not applicable; for the printer column.")
          String summary) {}

  /// Nodes by pressure.
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record PressureCounts(
      @JsonPropertyDescription("With pressure figures.") int observed,
      @JsonPropertyDescription("Above a threshold.") int above,
      @JsonPropertyDescription("Without pressure figures.") int unavailable,
      @JsonPropertyDescription("Without a Linux kubelet to ask.") int notApplicable) {}

  /// One finding.
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Violation(
      @JsonPropertyDescription("The id of the check.") String check,
      @JsonPropertyDescription("The severity of the check: Critical, High, Medium or Low.")
          String severity,
      @JsonPropertyDescription("The kind of the object: Namespace, Node or a workload.")
          String kind,
      @JsonPropertyDescription("The namespace of the object, if it has one.") String namespace,
      @JsonPropertyDescription("The name of the object.") String name,
      @JsonPropertyDescription("The value that the policy requires.") String expected,
      @JsonPropertyDescription("The value that was found.") String actual,
      @JsonPropertyDescription("A description of the violation.") String message) {}
}
