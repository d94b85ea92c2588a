package io.cgrouppolicy.core.kubelet.judge;

import io.cgrouppolicy.api.v1alpha1.NodesSpec.CgroupVersion;
import io.cgrouppolicy.core.kubelet.KubeletVersion;
import io.cgrouppolicy.core.kubelet.Texts;
import io.cgrouppolicy.core.kubelet.judge.KubeletRule.Subject;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// The cgroup version, and who manages cgroups.
final class CgroupRules {
  /// Runtimes before these do not tell the kubelet their driver (`RuntimeConfig` of the CRI).
  private static final Pattern SILENT_RUNTIME =
      Pattern.compile("containerd://v?1\\..*|cri-o://v?1\\.(1?[0-9]|2[0-7])\\b.*");

  private CgroupRules() {}

  static List<Outcome> version(Subject subject) {
    var asked = subject.spec().cgroupVersion();
    if (asked == null) {
      return List.of();
    }
    var found = cgroupVersion(subject);
    if (found.isEmpty()) {
      return List.of(
          new Outcome.Unknown(
              "CgroupVersionNotTold",
              "a kubelet that may run on cgroup v1 does not say in its configuration what it runs"
                  + " on"));
    }
    if (found.get() == asked) {
      return List.of(Outcome.SATISFIED);
    }
    return List.of(
        new Outcome.Violated(
            asked.name(), found.get().name(), "the node runs cgroup " + lower(found.get())));
  }

  private static String lower(CgroupVersion version) {
    return version == CgroupVersion.V1 ? "v1" : "v2";
  }

  /// A kubelet with failCgroupV1 does not start on cgroup v1 (`validateKubeletOSConfiguration`), so
  /// that one that runs proves v2. The field is of 1.31, true by default since 1.35.
  private static Optional<CgroupVersion> cgroupVersion(Subject subject) {
    if (subject.measuredCgroupVersion() != null) {
      return Optional.of(subject.measuredCgroupVersion());
    }
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

  static List<Outcome> driver(Subject subject) {
    var asked = subject.asked().cgroupDriver();
    if (asked == null) {
      return List.of();
    }
    if (toldByRuntime(subject)) {
      return List.of(
          new Outcome.Unknown(
              "CgroupDriverNotTold",
              "up to Kubernetes 1.34 the kubelet takes the container runtime's cgroup driver and"
                  + " still shows that of its own configuration (kubernetes#134673)"));
    }
    var found = subject.config().cgroupDriver();
    if (found.equals(asked.name())) {
      return List.of(Outcome.SATISFIED);
    }
    var shown = found.isEmpty() ? "unset" : Texts.cut(found, 40);
    return List.of(
        new Outcome.Violated(
            asked.name(), shown, "cgroupDriver is " + shown + ", " + asked + " is asked"));
  }

  /// Whether what `/configz` says of the driver means nothing: in 1.28 with the feature gate
  /// KubeletCgroupDriverFromCRI, since 1.31 without it being switched off, up to and with 1.34,
  /// where the runtime may tell its driver. Equal values prove nothing either.
  private static boolean toldByRuntime(Subject subject) {
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
