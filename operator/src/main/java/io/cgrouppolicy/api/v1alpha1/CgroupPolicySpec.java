package io.cgrouppolicy.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import java.util.List;

/// The desired state, written by a cluster administrator.
@JsonInclude(JsonInclude.Include.NON_NULL)
public record CgroupPolicySpec(
    @JsonPropertyDescription(
            "Audit (default): report violations in status and events, but write nothing to namespaces."
                + " Enforce: create the policy's objects in the selected namespaces. Neither mode"
                + " changes nodes; both can publish a remedy as text in the operator's own namespace.")
        @Default("Audit")
        Mode mode,
    @JsonPropertyDescription(
            "If several policies select a namespace or node, the one with the higher priority wins,"
                + " then the older one, then the first by name.")
        @Default("0")
        @Min(-1_000_000)
        @Max(1_000_000)
        Integer priority,
    @JsonPropertyDescription(
            "Delete (default): the LimitRanges and ResourceQuotas are deleted with the policy. Orphan:"
                + " they stay.")
        @Default("Delete")
        DeletionPolicy deletionPolicy,
    @JsonPropertyDescription(
            "In mode Enforce: Immediate (default) creates objects at once. WhenSafe creates them only in"
                + " namespaces where no running pod would be rejected when it is next created;"
                + " existing objects stay.")
        @Default("Immediate")
        Rollout rollout,
    @JsonPropertyDescription("The namespaces to protect, and the objects that each of them gets.")
        NamespacesSpec namespaces,
    @JsonPropertyDescription("What pods in the selected namespaces must declare.")
        WorkloadsSpec workloads,
    @JsonPropertyDescription(
            "The configuration that the kubelet of every selected node must have in force.")
        NodesSpec nodes,
    @JsonPropertyDescription("Accepted violations, with a reason and an expiry.") @Size(max = 50)
        List<ExceptionSpec> exceptions,
    @JsonPropertyDescription(
            "Whom the owners of the selected namespaces ask about the policy: a team, address or channel,"
                + " on one line. The policy's objects and events name it.")
        String contact,
    @JsonPropertyDescription(
            "The https URL of a page about the policy, for the owners of the selected namespaces. The"
                + " policy's objects and events name it.")
        String documentation) {

  /// Whether the operator writes objects to namespaces.
  public enum Mode {
    Audit,
    Enforce
  }

  /// When the operator creates objects in a namespace.
  public enum Rollout {
    Immediate,
    WhenSafe
  }

  /// What happens to the objects when the policy is deleted.
  public enum DeletionPolicy {
    Delete,
    Orphan
  }
}
