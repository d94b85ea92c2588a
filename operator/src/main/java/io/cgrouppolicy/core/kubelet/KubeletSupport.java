package io.cgrouppolicy.core.kubelet;

import java.util.Optional;

/// The oldest kubelets that can answer. The API server's version does not matter: it authorizes
/// `nodes/configz` in any version, and no kubelet is newer than it.
public final class KubeletSupport {
  /// The reason for a node whose kubelet is not asked.
  public static final String TOO_OLD = "KubeletTooOld";

  private KubeletSupport() {}

  /// Why a kubelet cannot answer, so that it is not asked; empty if it may, or if its version is
  /// unknown.
  ///
  /// @param version of the node's kubelet, or null
  /// @param path such as `/configz`
  /// @param direct whether the request goes to the kubelet's own port
  public static Optional<String> tooOld(String version, String path, boolean direct) {
    var kubelet = Optional.ofNullable(version).flatMap(KubeletVersion::parse);
    if (kubelet.isEmpty() || kubelet.get().atLeast(1, 33)) {
      return Optional.empty();
    }
    // Older kubelets ask for nodes/proxy (KEP-2862).
    if (direct && path.equals("/configz")) {
      return Optional.of(
          "nodes/configz opens /configz of kubelets since 1.33, and this one is "
              + version
              + " (CGROUP_POLICY_KUBELET_ACCESS=proxy works with it)");
    }
    // Off by default in 1.33 (feature gate KubeletPSI).
    return path.equals("/stats/summary")
        ? Optional.of("kubelets report pressure since 1.34, and this one is " + version)
        : Optional.empty();
  }
}
