package io.cgrouppolicy.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;

/// What the operator found. Counters are exact; the list of violations is a sorted sample.
@JsonInclude(JsonInclude.Include.NON_NULL)
public record CgroupPolicyStatus(
    @JsonPropertyDescription(
            "The generation that this status speaks of; -1 until an operator has seen the policy.")
        Long observedGeneration,
    @JsonPropertyDescription(
            "Ready, Compliant, NamespacesCompliant, WorkloadsCompliant, NodesCompliant,"
                + " PressureNormal; Reconciling and Stalled only while true.")
        List<Condition> conditions,
    @JsonPropertyDescription("The selected namespaces, counted.") NamespaceCounts namespaces,
    @JsonPropertyDescription("The pods in the selected namespaces, counted.")
        WorkloadCounts workloads,
    @JsonPropertyDescription(
            "What the LimitRange and ResourceQuota would do to the pods of the selected namespaces, were"
                + " all created anew.")
        PreviewCounts preview,
    @JsonPropertyDescription("The selected nodes, counted.") NodeCounts nodes,
    @JsonPropertyDescription("The nodes' pressure, counted.") PressureCounts pressure,
    @JsonPropertyDescription("How many violations there are, whatever the length of the list.")
        Integer violationCount,
    @JsonPropertyDescription("At most 100 violations, sorted by check, kind and name.")
        List<Violation> violations) {

  /// Namespaces by verdict.
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record NamespaceCounts(
      @JsonPropertyDescription("Selected by this policy.") int selected,
      @JsonPropertyDescription("Without a violation.") int compliant,
      @JsonPropertyDescription("With at least one violation.") int nonCompliant,
      @JsonPropertyDescription("Not judged yet, or not writable.") int pending,
      @JsonPropertyDescription("compliant/selected, for the printer column.") String summary) {}

  /// Pods by verdict.
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record WorkloadCounts(
      @JsonPropertyDescription("Pods in the selected namespaces.") int pods,
      @JsonPropertyDescription("Without a violation.") int compliant,
      @JsonPropertyDescription("With at least one violation.") int nonCompliant) {}

  /// Pods by what would become of them.
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record PreviewCounts(
      @JsonPropertyDescription("Pods that would get a default.") int wouldChange,
      @JsonPropertyDescription("Pods that would be refused.") int wouldReject,
      @JsonPropertyDescription(
              "Namespaces that wait for their objects, as rollout is WhenSafe and a pod would be"
                  + " refused.")
          int waiting) {}

  /// Nodes by verdict.
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record NodeCounts(
      @JsonPropertyDescription("Selected by this policy.") int selected,
      @JsonPropertyDescription("As the policy says.") int compliant,
      @JsonPropertyDescription("Different from the policy.") int drifted,
      @JsonPropertyDescription("Whose kubelet gave no usable answer.") int unknown,
      @JsonPropertyDescription("compliant/selected, for the printer column.") String summary) {}

  /// Nodes by pressure.
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record PressureCounts(
      @JsonPropertyDescription("With pressure figures.") int observed,
      @JsonPropertyDescription("Above a threshold.") int above,
      @JsonPropertyDescription("Without pressure figures.") int unavailable) {}

  /// One finding.
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Violation(
      @JsonPropertyDescription("The id of the check.") String check,
      @JsonPropertyDescription("The kind of the object: Namespace, Node or a workload.")
          String kind,
      @JsonPropertyDescription("The namespace of the object, if it has one.") String namespace,
      @JsonPropertyDescription("The name of the object.") String name,
      @JsonPropertyDescription("What the policy asks for.") String expected,
      @JsonPropertyDescription("What was found.") String actual,
      @JsonPropertyDescription("The finding in a sentence.") String message) {}
}
