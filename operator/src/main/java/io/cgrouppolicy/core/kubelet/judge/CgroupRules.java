package io.cgrouppolicy.core.kubelet.judge;

import io.cgrouppolicy.api.v1alpha1.NodesSpec.CgroupVersion;
import io.cgrouppolicy.core.check.DisplayText;
import io.cgrouppolicy.core.kubelet.KubeletVersion;
import io.cgrouppolicy.core.kubelet.judge.KubeletRule.Subject;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// Checks the cgroup version and the cgroup driver.
final class CgroupRules {
  /// Runtimes before these versions do not report their driver to the kubelet (`RuntimeConfig` of
  /// the CRI).
  private static final Pattern SILENT_RUNTIME =
      Pattern.compile("containerd://v?1\\..*|cri-o://v?1\\.(1?[0-9]|2[0-7])\\b.*");

  private CgroupRules() {}

  static List<RuleOutcome> version(Subject subject) {
    var required = subject.spec().cgroupVersion();
    if (required == null) {
      return List.of();
    }
    var found = cgroupVersion(subject);
    if (found.isEmpty()) {
      return List.of(
          new RuleOutcome.Unknown(
              "CgroupVersionNotReported",
              "a kubelet that may run on cgroup v1 does not report its cgroup version in its"
                  + " configuration"));
    }
    if (found.get() == required) {
      return List.of(RuleOutcome.SATISFIED);
    }
    return List.of(
        new RuleOutcome.Violated(
            required.name(), found.get().name(), "the node runs cgroup " + lower(found.get())));
  }

  private static String lower(CgroupVersion version) {
    return version == CgroupVersion.V1 ? "v1" : "v2";
  }

  /// A running kubelet with failCgroupV1 proves cgroup v2, because it would not start on v1
  /// (`validateKubeletOSConfiguration`). The field exists since 1.31 and defaults to true since
  /// 1.35.
  static Optional<CgroupVersion> cgroupVersion(Subject subject) {
    var fails = subject.config().failCgroupV1();
    boolean byDefault =
        fails == null
            && KubeletVersion.parse(subject.node().kubeletVersion())
                .filter(version -> version.atLeast(1, 35))
                .isPresent();
    return byDefault || Boolean.TRUE.equals(fails)
        ? Optional.of(CgroupVersion.V2)
        : Optional.empty();
  }

  static List<RuleOutcome> driver(Subject subject) {
    var required = subject.required().cgroupDriver();
    if (required == null) {
      return List.of();
    }
    if (mayUseRuntimeDriver(subject)) {
      return List.of(
          new RuleOutcome.Unknown(
              "CgroupDriverNotReported",
              "up to Kubernetes 1.34, the kubelet uses the container runtime's cgroup driver but still"
                  + " reports the one in its own configuration (kubernetes#134673)"));
    }
    var found = subject.config().cgroupDriver();
    if (found.equals(required.name())) {
      return List.of(RuleOutcome.SATISFIED);
    }
    var shown = found.isEmpty() ? "unset" : DisplayText.truncate(found, 40);
    return List.of(
        new RuleOutcome.Violated(
            required.name(),
            shown,
            "cgroupDriver is " + shown + ", but the policy requires " + required));
  }

  /// Whether the kubelet may use the runtime's driver, so that the driver in `/configz` means
  /// nothing (not even if it equals the required one). That is the case in 1.28 to 1.30 with the
  /// feature gate KubeletCgroupDriverFromCRI, and in 1.31 to 1.34 unless the gate is disabled, if
  /// the runtime can report its driver.
  private static boolean mayUseRuntimeDriver(Subject subject) {
    var version = KubeletVersion.parse(subject.node().kubeletVersion());
    if (version.isEmpty()) {
      return true;
    }
    if (version.get().atLeast(1, 35) || !version.get().atLeast(1, 28)) {
      return false;
    }
    var gate = subject.config().json().path("featureGates").path("KubeletCgroupDriverFromCRI");
    boolean on = gate.isBoolean() ? gate.booleanValue() : version.get().atLeast(1, 31);
    return on && !SILENT_RUNTIME.matcher(subject.node().containerRuntimeVersion()).matches();
  }
}
