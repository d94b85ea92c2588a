package io.cgrouppolicy.core.kubelet.reservation;

import io.cgrouppolicy.api.v1alpha1.NodesSpec.Preset;
import io.cgrouppolicy.api.v1alpha1.NodesSpec.ResourceFormula;
import io.cgrouppolicy.api.v1alpha1.NodesSpec.Tier;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;

/// The formulas of platforms' node images.
final class Presets {
  private static final BigDecimal GIB = BigDecimal.valueOf(1L << 30);

  /// 6 % of the first CPU, 1 % of the second, 0.5 % of the next two, 0.25 % of all others.
  private static final List<Tier> CPU =
      List.of(tier("1", 6), tier("2", 1), tier("4", 0.5), tier(null, 0.25));

  /// 25 % of the first 4 GiB, 20 % of the next 4, 10 % of the next 8, 6 % of the next 112, 2 % of
  /// the rest.
  private static final List<Tier> MEMORY =
      List.of(tier("4Gi", 25), tier("8Gi", 20), tier("16Gi", 10), tier("128Gi", 6), tier(null, 2));

  private Presets() {}

  static Map<String, ResourceFormula> of(Preset preset, NodeSize size) {
    return switch (preset) {
      case EKS -> eks();
      case GKE -> gke(size);
      case AKS -> aks();
      case OpenShift -> openShift();
    };
  }

  /// `getCPUMillicoresToReserve` and `GetMemoryMebibytesToReserve` of nodeadm
  /// (awslabs/amazon-eks-ami, nodeadm/internal/kubelet/config.go).
  private static Map<String, ResourceFormula> eks() {
    return Map.of(
        "cpu", tiers(null, CPU),
        "memory", sum("255Mi", "11Mi", null, null, null),
        "ephemeral-storage", sum("1Gi", null, null, null, null));
  }

  /// "Memory and CPU reservations" in
  /// cloud.google.com/kubernetes-engine/docs/concepts/plan-node-sizes. Excludes shared-core E2
  /// machines, which reserve 1060 millicores, and ephemeral storage, which depends on the kind of
  /// the boot disk.
  private static Map<String, ResourceFormula> gke(NodeSize size) {
    boolean tiny = size.of("memory").filter(memory -> memory.compareTo(GIB) < 0).isPresent();
    return Map.of(
        "cpu",
        tiers(size.maxPods() > NodeSize.MAX_PODS ? "400m" : null, CPU),
        "memory",
        tiny ? sum("255Mi", null, null, null, null) : tiers(null, MEMORY));
  }

  /// learn.microsoft.com/azure/aks/node-resource-reservations, of AKS 1.29 and later: the table of
  /// CPUs, as brackets in `reservedCPUTaxVCPU` of Azure/karpenter-provider-azure, and 20 MB × max
  /// pods + 50 MB, at most a quarter. Kubelets show that these are MiB.
  private static Map<String, ResourceFormula> aks() {
    return Map.of(
        "cpu", tiers(null, List.of(tier("1", 6), tier("2", 4), tier("4", 2), tier(null, 1))),
        "memory", sum("50Mi", "20Mi", null, null, 25.0));
  }

  /// Version 2 of dynamic-system-reserved-calc.sh, which `autoSizingReserved` runs
  /// (openshift/machine-config-operator, templates/common/_base/files/kubelet-auto-sizing.yaml).
  /// The 6 % end at 120 GiB and not at 128 as its comment says.
  private static Map<String, ResourceFormula> openShift() {
    return Map.of(
        "cpu", sum("48m", null, "12m", "500m", null),
        "memory", tiers("1Gi", List.of(tier("8Gi", 0), tier("120Gi", 6), tier(null, 2))),
        "ephemeral-storage", sum("1Gi", null, null, null, null));
  }

  private static Tier tier(String upTo, double percent) {
    return new Tier(quantity(upTo), percent);
  }

  private static ResourceFormula tiers(String base, List<Tier> tiers) {
    return new ResourceFormula(quantity(base), null, null, null, tiers, null, null, null);
  }

  private static ResourceFormula sum(
      String base, String perPod, String perCore, String atLeast, Double atMostPercent) {
    return new ResourceFormula(
        quantity(base),
        quantity(perPod),
        quantity(perCore),
        null,
        null,
        quantity(atLeast),
        null,
        atMostPercent);
  }

  private static Quantity quantity(String text) {
    return text == null ? null : new Quantity(text);
  }
}
