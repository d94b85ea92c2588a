package io.cgrouppolicy.core.kubelet.remedy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cgrouppolicy.api.v1alpha1.NodesSpec.KubeletSpec;
import io.cgrouppolicy.core.kubelet.NodeFacts;
import io.cgrouppolicy.core.kubelet.lint.KubeletDropIn;
import io.cgrouppolicy.core.kubelet.reservation.NodeSize;
import io.cgrouppolicy.core.kubelet.reservation.Reservations;
import io.cgrouppolicy.core.limits.Quantities;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The computed reservations for nodes of one size.
///
/// @param nodes by name
/// @param json a KubeletConfiguration with the reservations only
record SizedDropIn(String file, List<String> nodes, ObjectNode json) {
  /// The fields that formulas determine.
  static final List<String> FIELDS = List.of("systemReserved", "kubeReserved");

  private static final BigDecimal GIB = BigDecimal.valueOf(1L << 30);

  /// Returns one per size, those of most nodes first. Machines of one type differ by some KiB, so
  /// sizes are rounded, and the largest node of a size determines the amounts.
  static List<SizedDropIn> of(KubeletSpec spec, Collection<NodeFacts> nodes) {
    var sizes = new TreeMap<String, List<NodeFacts>>();
    for (var node : nodes) {
      sizes.computeIfAbsent(label(size(spec, List.of(node))), l -> new ArrayList<>()).add(node);
    }
    var all = new ArrayList<SizedDropIn>();
    sizes.forEach(
        (label, same) -> {
          var json = KubeletDropIn.of(Reservations.resolve(spec, size(spec, same)));
          json.retain(List.of("apiVersion", "kind", "systemReserved", "kubeReserved"));
          all.add(
              new SizedDropIn(
                  "91-cgroup-policy-" + label + ".conf",
                  same.stream().map(NodeFacts::name).toList(),
                  json));
        });
    all.sort(Comparator.comparing(drop -> -drop.nodes().size()));
    return all;
  }

  /// The size of the largest of some nodes, with the policy's maxPods if it sets it.
  static NodeSize size(KubeletSpec spec, Collection<NodeFacts> nodes) {
    var size = NodeSize.of(NodeFacts.largestCapacity(nodes).orElse(NodeSize.NOMINAL.capacity()));
    var maxPods = spec.config() == null ? null : spec.config().get("maxPods");
    return maxPods == null || !maxPods.isIntegralNumber()
        ? size
        : new NodeSize(size.capacity(), maxPods.longValue());
  }

  private static String label(NodeSize size) {
    return "%scpu-%sgi-%dpods"
        .formatted(
            rounded(size.capacity(), "cpu", BigDecimal.ONE),
            rounded(size.capacity(), "memory", GIB),
            size.maxPods());
  }

  private static String rounded(Map<String, Quantity> capacity, String resource, BigDecimal unit) {
    var amount = capacity.get(resource);
    return amount == null
        ? "0"
        : Quantities.number(amount).divide(unit, 0, RoundingMode.HALF_UP).toPlainString();
  }
}
