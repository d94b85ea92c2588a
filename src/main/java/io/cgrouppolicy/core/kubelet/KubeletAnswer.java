package io.cgrouppolicy.core.kubelet;

import io.cgrouppolicy.api.v1alpha1.NodesSpec.CgroupVersion;
import io.cgrouppolicy.core.check.Check;
import java.util.Set;

/// The result of reading a kubelet's configuration.
public sealed interface KubeletAnswer {

  /// @param cgroupVersion the value of the kubelet's metric `kubelet_cgroup_version`, or null if it
  ///     was not read
  record Answered(KubeletConfiguration config, CgroupVersion cgroupVersion)
      implements KubeletAnswer {
    public Answered(KubeletConfiguration config) {
      this(config, null);
    }
  }

  /// @param check KubeletUnreachable, KubeletUnauthorized or KubeletConfigUnavailable
  /// @param reason CamelCase, such as Timeout, TlsUntrusted or Forbidden
  /// @param message one sentence
  record Unanswered(Check check, String reason, String message) implements KubeletAnswer {
    private static final Set<Check> CHECKS =
        Set.of(Check.KubeletUnreachable, Check.KubeletUnauthorized, Check.KubeletConfigUnavailable);

    public Unanswered {
      if (!CHECKS.contains(check)) {
        throw new IllegalArgumentException(check + " is not a reason for a missing answer");
      }
    }
  }
}
