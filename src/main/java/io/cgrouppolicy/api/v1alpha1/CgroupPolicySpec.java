package io.cgrouppolicy.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import java.util.List;

/// The desired state that a cluster administrator writes.
@JsonInclude(JsonInclude.Include.NON_NULL)
public record CgroupPolicySpec(
    @JsonPropertyDescription(
            "Audit (default): report, in status and events; write nothing to namespaces or nodes."
                + " Enforce: put objects in place in the selected namespaces. Nodes are written in"
                + " no mode; a remedy is published as text, in the operator's own namespace, in"
                + " both.")
        @Default("Audit")
        Mode mode,
    @JsonPropertyDescription(
            "Where several policies select a namespace or node, the higher priority wins, then the"
                + " older policy, then the name.")
        @Default("0")
        @Min(-1_000_000)
        @Max(1_000_000)
        Integer priority,
    @JsonPropertyDescription(
            "Delete (default): the LimitRanges and ResourceQuotas go with the policy. Orphan: they"
                + " stay.")
        @Default("Delete")
        DeletionPolicy deletionPolicy,
    @JsonPropertyDescription(
            "In mode Enforce: Immediate (default) puts objects in place at once. WhenSafe puts them in"
                + " place only in namespaces where no pod that runs now would be refused when it is"
                + " next created; what is in place stays.")
        @Default("Immediate")
        Rollout rollout,
    @JsonPropertyDescription("The namespaces to protect and what each of them gets.")
        NamespacesSpec namespaces,
    @JsonPropertyDescription("What the pods in the selected namespaces must declare.")
        WorkloadsSpec workloads,
    @JsonPropertyDescription("What every selected node's kubelet must have in force.")
        NodesSpec nodes,
    @JsonPropertyDescription("Findings that are accepted for now, with a reason and an expiry.")
        @Size(max = 50)
        List<ExceptionSpec> exceptions) {

  /// Whether the operator writes.
  public enum Mode {
    Audit,
    Enforce
  }

  /// When a namespace gets its objects.
  public enum Rollout {
    Immediate,
    WhenSafe
  }

  /// What becomes of the objects when the policy is deleted.
  public enum DeletionPolicy {
    Delete,
    Orphan
  }
}
