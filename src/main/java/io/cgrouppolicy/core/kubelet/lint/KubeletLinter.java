package io.cgrouppolicy.core.kubelet.lint;

import io.cgrouppolicy.api.v1alpha1.NodesSpec.KubeletSpec;
import io.cgrouppolicy.core.check.Problem;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Says which kubelet blocks would stop a kubelet, or would not do what they say, if somebody
/// rolled them out: what `ValidateKubeletConfiguration` of v1.36 refuses, what the kubelet stops
/// on later in its start, and what it silently leaves out.
///
/// Of the kubelet's validation these are not repeated: feature gates and what needs one that is
/// off, logging, tracing, registerWithTaints, reservedMemory, showHiddenMetricsForVersion,
/// shutdownGracePeriodByPodPriority, preloadedImagesVerificationAllowlist.
public final class KubeletLinter {
  private KubeletLinter() {}

  /// @param spec `spec.nodes.kubelet`, or null
  /// @param smallest the capacity of the smallest node that the policy selects, see
  ///     [NodeFacts#smallestCapacity]; empty where none is known
  public static List<Problem> lint(KubeletSpec spec, Optional<Map<String, Quantity>> smallest) {
    return lints(spec, smallest).stream().map(Lint::problem).distinct().toList();
  }

  public static List<Lint> lints(KubeletSpec spec, Optional<Map<String, Quantity>> smallest) {
    if (spec == null) {
      return List.of();
    }
    var draft = Lint.Draft.of(spec);
    AllocatableLint.check(draft);
    ReservedCgroupLint.check(draft);
    ReservationLint.check(draft, smallest);
    EvictionLint.check(draft);
    LimitsLint.check(draft);
    FieldsLint.check(draft);
    return List.copyOf(draft.lints());
  }
}
