package io.cgrouppolicy.core.kubelet.pressure;

import io.cgrouppolicy.api.v1alpha1.NodesSpec.PressureSpec;
import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.Finding;
import io.cgrouppolicy.core.kubelet.Answer;
import io.cgrouppolicy.core.kubelet.Answer.Unusable;
import io.cgrouppolicy.core.kubelet.Answer.Usable;
import io.cgrouppolicy.core.kubelet.pressure.PressureVerdict.State;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Compares a node's pressure with a policy's thresholds. Pressure is above a threshold if both the
/// 60 s and the 10 s average are: it lasted, and it is not over. Missing figures count as
/// unavailable, never as calm.
public final class PressureJudge {
  private static final String EXPECTED = "pressure figures";

  /// What helps to explain pressure.
  ///
  /// @param cpus of the node; NaN if unknown
  /// @param limits of its pods, or null if unknown
  public record Circumstances(double cpus, PodLimits limits) {}

  /// An exceeded threshold.
  ///
  /// @param percent as reported
  record Excess(Stall kind, double percent, double threshold) {
    String expected() {
      return kind + " <= " + show(threshold) + " %";
    }

    /// Does not round a figure to the threshold itself: "10 %" would not look above 10.
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

  /// @param before the figures last reported for this node and these thresholds, or empty
  public static PressureJudgement judge(
      PressureSpec spec,
      Answer<NodeSummary> answer,
      Circumstances circumstances,
      Map<String, Double> before) {
    return switch (answer) {
      case Unusable<NodeSummary> none ->
          new PressureJudgement(
              State.UNAVAILABLE, List.of(unavailable(none.reason(), none.message())), Map.of());
      case Usable<NodeSummary> given ->
          judge(spec, given.value(), circumstances, new ReportedFigures(before));
    };
  }

  private static PressureJudgement judge(
      PressureSpec spec, NodeSummary node, Circumstances circumstances, ReportedFigures reported) {
    var findings = new ArrayList<Finding>();
    var missing = new ArrayList<String>();
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
          missing.add(resource + " " + kind);
        } else if (psi.avg60(kind) > threshold && psi.avg10(kind) > threshold) {
          double percent = reported.percent(resource + " " + kind, psi.avg60(kind));
          excesses.add(new Excess(kind, percent, threshold));
        }
      }
      if (!excesses.isEmpty()) {
        findings.add(finding(resource, excesses, new Causes(node, circumstances, reported)));
      }
    }
    var state = findings.isEmpty() ? State.NORMAL : State.ABOVE;
    if (!missing.isEmpty()) {
      findings.add(
          unavailable(
              "PsiAbsent",
              "the kubelet does not report "
                  + String.join(", ", missing)
                  + " pressure: that needs cgroup v2, a kernel with PSI, and Kubernetes 1.34"));
    } else if (!node.counted()) {
      findings.add(
          unavailable(
              "PsiOff",
              "all stall times since boot are zero, because the kernel does not record them: boot it"
                  + " with psi=1"));
    }
    return new PressureJudgement(
        state == State.NORMAL && !findings.isEmpty() ? State.UNAVAILABLE : state,
        List.copyOf(findings),
        reported.now());
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
