package io.cgrouppolicy.core.namespace;

import io.cgrouppolicy.core.pods.WorkloadVerdict;
import java.util.Map;

/// The operator's state for one namespace.
///
/// @param memory what the reconciler remembers between reconciliations
/// @param verdicts the verdicts on the namespace, by policy
/// @param workloads the verdicts on its pods, by policy
/// @param reported the rejections of workloads that events have reported, by policy
public record NamespaceRecord(
    NamespaceMemory memory,
    Map<String, NamespaceVerdict> verdicts,
    Map<String, WorkloadVerdict> workloads,
    Map<String, ReportedFindings> reported) {
  public static final NamespaceRecord NONE =
      new NamespaceRecord(NamespaceMemory.NONE, Map.of(), Map.of(), Map.of());

  public NamespaceRecord with(Decision.Outcome outcome) {
    return new NamespaceRecord(outcome.memory(), outcome.verdicts(), workloads, reported);
  }

  public NamespaceRecord withWorkloads(Map<String, WorkloadVerdict> workloads) {
    return new NamespaceRecord(memory, verdicts, workloads, reported);
  }

  public NamespaceRecord withReported(Map<String, ReportedFindings> reported) {
    return new NamespaceRecord(memory, verdicts, workloads, reported);
  }
}
