package io.cgrouppolicy.core.kubelet.lint;

import io.cgrouppolicy.core.kubelet.CpuSet;
import io.cgrouppolicy.core.kubelet.KubeletFields;
import io.cgrouppolicy.core.kubelet.Threshold;
import io.cgrouppolicy.core.limits.Quantities;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Lints whether reservations fit the smallest node like `validateNodeAllocatable` in
/// pkg/kubelet/cm/node_container_manager_linux.go.
final class ReservationLint {
  /// The resources for which the kubelet adds the hard eviction threshold
  /// (`hardEvictionReservation`), with the signal.
  private static final Map<String, String> EVICTION =
      Map.of("memory", "memory.available", "ephemeral-storage", "nodefs.available");

  private ReservationLint() {}

  static void check(Draft draft, Optional<Map<String, Quantity>> smallest) {
    smallest.ifPresent(capacity -> fits(draft, capacity));
  }

  private static void fits(Draft draft, Map<String, Quantity> capacity) {
    for (var resource : List.of("cpu", "memory", "ephemeral-storage")) {
      var has = capacity.get(resource);
      var system = reserved(draft, "systemReserved", resource);
      var kube = reserved(draft, "kubeReserved", resource);
      if (resource.equals("cpu") && !draft.text("reservedSystemCPUs").isEmpty()) {
        int cpus =
            CpuSet.parse(draft.text("reservedSystemCPUs")).map(set -> set.cardinality()).orElse(0);
        system = BigDecimal.valueOf(cpus);
        kube = BigDecimal.ZERO;
      }
      if (has == null || system.add(kube).signum() == 0) {
        continue;
      }
      var total = system.add(kube).add(threshold(draft, resource, Quantities.number(has)));
      if (total.compareTo(Quantities.number(has)) > 0) {
        draft.fails(
            system.signum() > 0 ? "systemReserved" : "kubeReserved",
            "with kubeReserved and the hard eviction threshold, "
                + total.stripTrailingZeros().toPlainString()
                + " of "
                + resource
                + " is reserved and the smallest selected node has "
                + has
                + "; the kubelet stops there");
      }
    }
  }

  private static BigDecimal reserved(Draft draft, String field, String resource) {
    return draft
        .set(field)
        .map(map -> map.path(resource).asText())
        .flatMap(Quantities::parse)
        .orElse(BigDecimal.ZERO);
  }

  private static BigDecimal threshold(Draft draft, String resource, BigDecimal capacity) {
    var signal = EVICTION.get(resource);
    if (signal == null) {
      return BigDecimal.ZERO;
    }
    var defaults = KubeletFields.find("evictionHard").orElseThrow().byDefault().orElseThrow();
    var text =
        draft
            .set("evictionHard")
            .map(map -> map.path(signal).asText())
            .filter(t -> !t.isEmpty())
            .orElse(defaults.path(signal).asText());
    // 100% means no threshold (parseThresholdStatement).
    return text.equals("100%")
        ? BigDecimal.ZERO
        : Threshold.parse(text).map(t -> t.of(capacity)).orElse(BigDecimal.ZERO);
  }
}
