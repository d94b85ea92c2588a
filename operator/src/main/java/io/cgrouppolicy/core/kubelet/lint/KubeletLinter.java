package io.cgrouppolicy.core.kubelet.lint;

import io.cgrouppolicy.api.v1alpha1.NodesSpec.KubeletSpec;
import io.cgrouppolicy.core.check.Problem;
import io.cgrouppolicy.core.kubelet.NodeFacts;
import io.cgrouppolicy.core.kubelet.reservation.NodeSize;
import io.cgrouppolicy.core.kubelet.reservation.Reservations;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Finds kubelet settings that would stop a kubelet or have no effect if they were rolled out: what
/// a kubelet v1.36 rejects when it loads and validates its configuration, what it fails on later in
/// its startup, and what it ignores.
public final class KubeletLinter {
  private KubeletLinter() {}

  /// @param spec `spec.nodes.kubelet`, or null
  /// @param smallest the capacity of the smallest node that the policy selects, see
  ///     [NodeFacts#smallestCapacity]; empty if unknown
  public static List<Problem> lint(KubeletSpec spec, Optional<Map<String, Quantity>> smallest) {
    return lints(spec, smallest).stream().map(Lint::problem).distinct().toList();
  }

  /// The same for these nodes, with the formulas of the smallest, or of a nominal one if there are
  /// none.
  ///
  /// @param nodes that have a kubelet and that the policy judges
  public static List<Problem> lint(KubeletSpec spec, Collection<NodeFacts> nodes) {
    var smallest = NodeFacts.smallestCapacity(nodes);
    var size = smallest.map(NodeSize::of).orElse(NodeSize.NOMINAL);
    return lint(Reservations.resolve(spec, size), smallest);
  }

  public static List<Lint> lints(KubeletSpec spec, Optional<Map<String, Quantity>> smallest) {
    if (spec == null) {
      return List.of();
    }
    var draft = Draft.of(spec);
    AllocatableLint.check(draft);
    ReservedCgroupLint.check(draft);
    ReservationLint.check(draft, smallest);
    GatesLint.check(draft);
    ValuesLint.check(draft);
    RelationsLint.check(draft);
    FieldsLint.check(draft);
    return List.copyOf(draft.lints());
  }
}
