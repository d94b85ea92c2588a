package io.cgrouppolicy.core.kubelet.judge;

import com.fasterxml.jackson.databind.JsonNode;
import io.cgrouppolicy.api.v1alpha1.NodesSpec.CgroupVersion;
import io.cgrouppolicy.core.check.DisplayText;
import io.cgrouppolicy.core.kubelet.KubeletFields;
import io.cgrouppolicy.core.kubelet.KubeletFields.Field;
import io.cgrouppolicy.core.kubelet.KubeletVersion;
import io.cgrouppolicy.core.kubelet.judge.KubeletRule.Subject;
import java.util.Optional;

/// The value of a field that is in force, even if the kubelet leaves it out of its answer because
/// it has a default.
///
/// @param value null if the field is not set and has no default
/// @param unknown why the value is not known, or null
record InForce(JsonNode value, boolean byDefault, RuleOutcome unknown) {
  String shown() {
    return DisplayText.show(value) + (byDefault ? " (default)" : "");
  }

  /// @param path the field's path in [KubeletFields]
  /// @param shown the field's path in messages
  static InForce of(Subject subject, String path, String shown, JsonNode found) {
    var field = KubeletFields.find(path);
    if (found != null && !found.isNull()) {
      return new InForce(found, false, null);
    }
    if (path.equals("featureGates.*")) {
      return gate(subject, shown);
    }
    return field
        .flatMap(Field::unset)
        .map(
            value ->
                isKnown(subject, path, field.get().since())
                    ? new InForce(value, true, null)
                    : unknown(
                        "DefaultNotReported",
                        shown
                            + " is not set, and its default depends on the kubelet's version and"
                            + " the cgroup version"))
        .orElse(new InForce(null, false, null));
  }

  private static boolean isKnown(Subject subject, String path, KubeletVersion since) {
    boolean byCgroups =
        !path.equals("singleProcessOOMKill")
            || CgroupRules.cgroupVersion(subject).equals(Optional.of(CgroupVersion.V2));
    return byCgroups
        && (since.equals(new KubeletVersion(1, 0))
            || version(subject).filter(v -> v.atLeast(since.major(), since.minor())).isPresent());
  }

  /// The defaults of gates are known for one version, unless gates for all alpha or beta features
  /// change them.
  private static InForce gate(Subject subject, String shown) {
    var set = subject.config().json().path("featureGates");
    var gate = KubeletFields.gates().get(shown.substring(shown.indexOf('.') + 1));
    boolean known =
        gate != null
            && !set.has("AllAlpha")
            && !set.has("AllBeta")
            && version(subject).equals(Optional.of(KubeletFields.VERSION));
    return known
        ? new InForce(gate.byDefault().orElseThrow(), true, null)
        : unknown(
            "FeatureGateNotReported",
            shown + " is not set, and the kubelet does not report its default");
  }

  private static Optional<KubeletVersion> version(Subject subject) {
    return KubeletVersion.parse(subject.node().kubeletVersion());
  }

  private static InForce unknown(String reason, String message) {
    return new InForce(null, false, new RuleOutcome.Unknown(reason, message));
  }
}
