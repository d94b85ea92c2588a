package io.cgrouppolicy.core.kubelet.pressure;

import io.cgrouppolicy.api.v1alpha1.NodesSpec.PressureSpec;
import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.Finding;
import io.cgrouppolicy.core.kubelet.pressure.PressureAnswer.Answered;
import io.cgrouppolicy.core.kubelet.pressure.PressureAnswer.Unanswered;
import io.cgrouppolicy.core.kubelet.pressure.PressureVerdict.State;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Holds a node's pressure against a policy's thresholds: the average of 60 s is above, and that of
/// 10 s is still. What is not told is unavailable, and never calm.
public final class PressureJudge {
  private static final String EXPECTED = "pressure figures";

  /// What is known beside the answer.
  ///
  /// @param cpus how many the node has; NaN where that is not known
  /// @param limits what its pods declare, or null where that is not known
  public record Circumstances(double cpus, PodLimits limits) {}

  /// A threshold that is exceeded.
  ///
  /// @param percent as told
  record Excess(Stall kind, double percent, double threshold) {
    String expected() {
      return kind + " <= " + show(threshold) + " %";
    }

    /// A figure that rounds to the threshold would look as if it was not above.
    String actual() {
      long rounded = Math.round(percent);
      return kind
          + " "
          + (rounded > threshold ? rounded + " %" : "above " + show(threshold) + " %");
    }

    String sentence() {
      return actual() + " over 60 s (threshold " + show(threshold) + " %)";
    }

    private static String show(double threshold) {
      return BigDecimal.valueOf(threshold).stripTrailingZeros().toPlainString();
    }
  }

  private PressureJudge() {}

  /// @param before what was told of this node by the same thresholds the last time, or empty
  public static PressureJudgement judge(
      PressureSpec spec,
      PressureAnswer answer,
      Circumstances circumstances,
      Map<String, Double> before) {
    return switch (answer) {
      case Unanswered none ->
          new PressureJudgement(
              State.UNAVAILABLE, List.of(unavailable(none.reason(), none.message())), Map.of());
      case Answered given ->
          judge(spec, given.summary(), circumstances, new ReportedFigures(before));
    };
  }

  private static PressureJudgement judge(
      PressureSpec spec, NodeSummary node, Circumstances circumstances, ReportedFigures told) {
    var findings = new ArrayList<Finding>();
    var untold = new ArrayList<String>();
    for (var resource : Resource.values()) {
      var thresholds = resource.thresholds(spec);
      var psi = resource.of(node);
      var excesses = new ArrayList<Excess>();
      for (var kind : resource.kinds()) {
        var threshold = thresholds.get(kind);
        if (threshold == null) {
          continue;
        }
        if (Float.isNaN(psi.avg60(kind)) || Float.isNaN(psi.avg10(kind))) {
          untold.add(resource + " " + kind);
        } else if (psi.avg60(kind) > threshold && psi.avg10(kind) > threshold) {
          double percent = told.percent(resource + " " + kind, psi.avg60(kind));
          excesses.add(new Excess(kind, percent, threshold));
        }
      }
      if (!excesses.isEmpty()) {
        findings.add(finding(resource, excesses, new Causes(node, circumstances, told)));
      }
    }
    var state = findings.isEmpty() ? State.NORMAL : State.ABOVE;
    if (!untold.isEmpty()) {
      findings.add(
          unavailable(
              "PsiAbsent",
              "the kubelet does not tell "
                  + String.join(", ", untold)
                  + " pressure: it takes cgroup v2, a kernel with PSI, and Kubernetes 1.34"));
    } else if (!node.counted()) {
      findings.add(
          unavailable(
              "PsiOff",
              "all stall times are zero since boot, which is what kubelets tell where the kernel"
                  + " keeps none: boot it with psi=1"));
    }
    return new PressureJudgement(
        state == State.NORMAL && !findings.isEmpty() ? State.UNAVAILABLE : state,
        List.copyOf(findings),
        told.now());
  }

  private static Finding finding(Resource resource, List<Excess> excesses, Causes causes) {
    var message =
        resource + " " + excesses.stream().map(Excess::sentence).collect(Collectors.joining(", "));
    return Finding.of(
        resource.check(),
        excesses.stream().map(Excess::expected).collect(Collectors.joining(", ")),
        excesses.stream().map(Excess::actual).collect(Collectors.joining(", ")),
        causes.of(resource, excesses.getFirst().kind()).stream()
            .map(cause -> "; " + cause)
            .collect(Collectors.joining("", message, "")));
  }

  private static Finding unavailable(String reason, String message) {
    return Finding.of(Check.PressureUnavailable, EXPECTED, reason, message);
  }
}
