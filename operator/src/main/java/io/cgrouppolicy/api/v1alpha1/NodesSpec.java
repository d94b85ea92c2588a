package io.cgrouppolicy.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import io.fabric8.crd.generator.annotation.PreserveUnknownFields;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import java.util.Map;

/// The nodes that the policy selects, and their required state.
@JsonInclude(JsonInclude.Include.NON_NULL)
public record NodesSpec(
    @JsonPropertyDescription("Selects nodes by label; {} selects all of them.") @Required
        LabelSelector selector,
    @JsonPropertyDescription(
            "Required kubelet settings, compared with the configuration that the kubelet reports; all"
                + " optional.")
        KubeletSpec kubelet,
    @JsonPropertyDescription("The cgroup version that the node must run.")
        CgroupVersion cgroupVersion,
    @JsonPropertyDescription("Thresholds for pressure stall information (PSI).")
        PressureSpec pressure,
    @JsonPropertyDescription(
            "Publish: the operator writes files that make the nodes comply to a ConfigMap in its own"
                + " namespace, for the administrators who configure nodes; it never applies them."
                + " None (default): it does not.")
        Remedy remedy) {

  /// Whether the operator publishes a remedy.
  public enum Remedy {
    Publish,
    None
  }

  /// The version of the kernel's cgroup hierarchy.
  public enum CgroupVersion {
    V1,
    V2
  }

  /// Fields of a KubeletConfiguration, each with its own comparison.
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record KubeletSpec(
      @JsonPropertyDescription("systemd or cgroupfs; must be equal.") CgroupDriver cgroupDriver,
      @JsonPropertyDescription("The enforcement levels that must be in force.") @Size(max = 5)
          List<EnforcementLevel> enforceNodeAllocatable,
      @JsonPropertyDescription("The minimum reservation for system daemons.")
          Map<String, Quantity> systemReserved,
      @JsonPropertyDescription(
              "A minimum computed for each node. If a resource also has a plain quantity, the larger"
                  + " value counts.")
          ReservationFormula systemReservedFormula,
      @JsonPropertyDescription("The cgroup of the system daemons; must be equal.") @Size(max = 512)
          String systemReservedCgroup,
      @JsonPropertyDescription("The minimum reservation for Kubernetes daemons.")
          Map<String, Quantity> kubeReserved,
      @JsonPropertyDescription(
              "A minimum computed for each node. If a resource also has a plain quantity, the larger"
                  + " value counts.")
          ReservationFormula kubeReservedFormula,
      @JsonPropertyDescription("The cgroup of the Kubernetes daemons; must be equal.")
          @Size(max = 512)
          String kubeReservedCgroup,
      @JsonPropertyDescription("The maximum PID limit of a pod; the limit must be set.")
          @Min(1)
          @Max(4_194_304)
          Long podPidsLimit,
      @JsonPropertyDescription(
              "Any other fields of KubeletConfiguration; must be equal by meaning.")
          @PreserveUnknownFields
          @JsonDeserialize(using = Shallow.class)
          JsonNode config,
      @JsonPropertyDescription(
              "Bounds for fields of KubeletConfiguration, compared by meaning: durations, quantities,"
                  + " and percentages of the node's capacity.")
          @Size(max = 32)
          List<ConfigBound> configBounds) {}

  /// What a field of a KubeletConfiguration must be: at least, at most, or one of some values.
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record ConfigBound(
      @JsonPropertyDescription("The path of the field: maxPods, or evictionHard.memory.available.")
          @Required
          String field,
      @JsonPropertyDescription("The smallest value allowed.") IntOrString atLeast,
      @JsonPropertyDescription("The largest value allowed.") IntOrString atMost,
      @JsonPropertyDescription("The values allowed; excludes atLeast and atMost.")
          @Size(min = 1, max = 16)
          List<IntOrString> oneOf) {}

  /// A reservation that grows with the node.
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record ReservationFormula(
      @JsonPropertyDescription("Uses the formulas of this platform's node images.") Preset preset,
      @JsonPropertyDescription("Formulas by resource name; each replaces that of the preset.")
          Map<String, ResourceFormula> resources) {}

  /// A platform whose node images reserve by a formula.
  public enum Preset {
    EKS,
    GKE,
    AKS,
    OpenShift
  }

  /// The sum of the parts that are set, within the bounds that are set. Percentages are of the
  /// node's capacity of the same resource.
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record ResourceFormula(
      @JsonPropertyDescription("A fixed amount, the same on each node.") Quantity base,
      @JsonPropertyDescription("An amount per pod, multiplied by the kubelet's maxPods.")
          Quantity perPod,
      @JsonPropertyDescription("An amount per CPU of the node.") Quantity perCore,
      @JsonPropertyDescription("A percentage of the node's capacity.") @Min(0) @Max(100)
          Double percent,
      @JsonPropertyDescription("Percentages of the node's capacity by tier, in ascending order.")
          @Size(min = 1, max = 10)
          List<Tier> tiers,
      @JsonPropertyDescription("The smallest result.") Quantity atLeast,
      @JsonPropertyDescription("The largest result.") Quantity atMost,
      @JsonPropertyDescription("The largest result, as a percentage of the node's capacity.")
          @Min(0)
          @Max(100)
          Double atMostPercent) {}

  /// A part of a node's capacity, from the end of the tier before.
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Tier(
      @JsonPropertyDescription("The end of the tier; unset for the last tier.") Quantity upTo,
      @JsonPropertyDescription("The percentage of the tier.") @Required @Min(0) @Max(100)
          Double percent) {}

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

  /// Thresholds in percent of time stalled. Exceeded if the 60 s average is above, and the 10 s
  /// average still is.
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record PressureSpec(
      @JsonPropertyDescription("CPU; some only, because full has no meaning on a node.") Some cpu,
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
