package io.cgrouppolicy.core.kubelet.lint;

import com.fasterxml.jackson.databind.JsonNode;
import io.cgrouppolicy.core.kubelet.CpuSet;
import io.cgrouppolicy.core.kubelet.DisplayText;
import io.cgrouppolicy.core.kubelet.lint.Lint.Draft;
import io.cgrouppolicy.core.limits.Quantities;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// Lints reservations: their syntax like `parseResourceList` in cmd/kubelet/app/server.go, and that
/// they fit the smallest node like `validateNodeAllocatable` in
/// pkg/kubelet/cm/node_container_manager_linux.go.
final class ReservationLint {
  private static final Set<String> RESOURCES = Set.of("cpu", "memory", "ephemeral-storage", "pid");

  /// The resources for which the kubelet adds the hard eviction threshold
  /// (`hardEvictionReservation`), with the signal and its default (`DefaultEvictionHard` for
  /// Linux).
  private static final Map<String, List<String>> EVICTION =
      Map.of(
          "memory", List.of("memory.available", "100Mi"),
          "ephemeral-storage", List.of("nodefs.available", "10%"));

  private ReservationLint() {}

  static void check(Draft draft, Optional<Map<String, Quantity>> smallest) {
    for (var field : List.of("systemReserved", "kubeReserved")) {
      draft
          .value(field)
          .filter(JsonNode::isObject)
          .ifPresent(
              map ->
                  map.properties()
                      .forEach(entry -> entry(draft, field, entry.getKey(), entry.getValue())));
    }
    smallest.ifPresent(capacity -> fits(draft, capacity));
  }

  private static void entry(Draft draft, String field, String resource, JsonNode amount) {
    var at = field + "[" + DisplayText.truncate(resource, 60) + "]";
    if (!RESOURCES.contains(resource)) {
      draft.rejected(
          at, "cannot be reserved, only " + new TreeSet<>(RESOURCES) + " can; the kubelet stops");
    } else if (amount.isTextual() && Quantities.parse(amount.textValue()).isEmpty()) {
      draft.rejected(
          at,
          "'" + DisplayText.show(amount) + "' is not a non-negative quantity; the kubelet stops");
    }
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
        .value(field)
        .map(map -> map.path(resource).asText())
        .flatMap(Quantities::parse)
        .orElse(BigDecimal.ZERO);
  }

  private static BigDecimal threshold(Draft draft, String resource, BigDecimal capacity) {
    var eviction = EVICTION.get(resource);
    if (eviction == null) {
      return BigDecimal.ZERO;
    }
    var text =
        draft
            .value("evictionHard")
            .map(map -> map.path(eviction.get(0)).asText())
            .filter(t -> !t.isEmpty())
            .orElse(eviction.get(1));
    if (!text.endsWith("%")) {
      return Quantities.parse(text).orElse(BigDecimal.ZERO);
    }
    // 100% means no threshold (parseThresholdStatement).
    return text.equals("100%")
        ? BigDecimal.ZERO
        : EvictionLint.percentage(text)
            .map(percent -> capacity.multiply(percent).movePointLeft(2))
            .orElse(BigDecimal.ZERO);
  }
}
