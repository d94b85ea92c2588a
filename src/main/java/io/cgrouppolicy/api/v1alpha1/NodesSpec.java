package io.cgrouppolicy.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.crd.generator.annotation.PreserveUnknownFields;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import java.util.Map;

/// Which nodes the policy selects, and what must hold on them.
@JsonInclude(JsonInclude.Include.NON_NULL)
public record NodesSpec(
    @JsonPropertyDescription("Selects nodes by label; {} selects all of them.") @Required
        LabelSelector selector,
    @JsonPropertyDescription("Compared with what the kubelet says is in force; all optional.")
        KubeletSpec kubelet,
    @JsonPropertyDescription("The cgroup version that the node must run.")
        CgroupVersion cgroupVersion,
    @JsonPropertyDescription("Thresholds for pressure stall information (PSI).")
        PressureSpec pressure,
    @JsonPropertyDescription(
            "Publish: the operator keeps files that would make the nodes comply in a ConfigMap of its"
                + " own namespace, for whoever configures nodes; it never applies them. None"
                + " (default): it does not.")
        Remedy remedy) {

  /// Whether what would make the nodes comply is published.
  public enum Remedy {
    Publish,
    None
  }

  /// The kernel's cgroup hierarchy version.
  public enum CgroupVersion {
    V1,
    V2
  }

  /// Fields of a KubeletConfiguration, each with its own way of comparison.
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record KubeletSpec(
      @JsonPropertyDescription("systemd or cgroupfs: equal.") CgroupDriver cgroupDriver,
      @JsonPropertyDescription("The enforcement levels that must be in force.") @Size(max = 5)
          List<EnforcementLevel> enforceNodeAllocatable,
      @JsonPropertyDescription("Reserved for system daemons: at least.")
          Map<String, Quantity> systemReserved,
      @JsonPropertyDescription("The cgroup of the system daemons: equal.") @Size(max = 512)
          String systemReservedCgroup,
      @JsonPropertyDescription("Reserved for Kubernetes daemons: at least.")
          Map<String, Quantity> kubeReserved,
      @JsonPropertyDescription("The cgroup of the Kubernetes daemons: equal.") @Size(max = 512)
          String kubeReservedCgroup,
      @JsonPropertyDescription("The PID limit of a pod: set, and at most this.")
          @Min(1)
          @Max(4_194_304)
          Long podPidsLimit,
      @JsonPropertyDescription("Any other KubeletConfiguration field: equal by meaning.")
          @PreserveUnknownFields
          JsonNode config) {}

  /// The kubelet's cgroup driver.
  public enum CgroupDriver {
    systemd,
    cgroupfs
  }

  /// Values of enforceNodeAllocatable.
  public enum EnforcementLevel {
    none,
    pods,
    @com.fasterxml.jackson.annotation.JsonProperty("system-reserved")
    SYSTEM_RESERVED,
    @com.fasterxml.jackson.annotation.JsonProperty("system-reserved-compressible")
    SYSTEM_RESERVED_COMPRESSIBLE,
    @com.fasterxml.jackson.annotation.JsonProperty("kube-reserved")
    KUBE_RESERVED,
    @com.fasterxml.jackson.annotation.JsonProperty("kube-reserved-compressible")
    KUBE_RESERVED_COMPRESSIBLE
  }

  /// Percent of time stalled: the 60 s average, while the 10 s average is still above.
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record PressureSpec(
      @JsonPropertyDescription("CPU: full is meaningless on a node, hence some only.") Some cpu,
      @JsonPropertyDescription("Memory.") SomeAndFull memory,
      @JsonPropertyDescription("I/O.") SomeAndFull io) {}

  /// A threshold for CPU.
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Some(
      @JsonPropertyDescription("Percent of time in which at least one task was stalled.")
          @Min(0)
          @Max(100)
          Double some) {}

  /// Thresholds for memory and I/O.
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record SomeAndFull(
      @JsonPropertyDescription("Percent of time in which at least one task was stalled.")
          @Min(0)
          @Max(100)
          Double some,
      @JsonPropertyDescription("Percent of time in which all tasks were stalled.") @Min(0) @Max(100)
          Double full) {}
}
