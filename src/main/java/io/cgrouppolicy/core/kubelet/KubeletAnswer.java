package io.cgrouppolicy.core.kubelet;

import io.cgrouppolicy.api.v1alpha1.NodesSpec.CgroupVersion;
import io.cgrouppolicy.core.check.Check;
import java.util.Set;

/// What came of asking a kubelet for its configuration.
public sealed interface KubeletAnswer {

  /// @param cgroupVersion what `kubelet_cgroup_version` of the kubelet's metrics says, or null
  ///     where
  /// it was not asked
  record Answered(KubeletConfiguration config, CgroupVersion cgroupVersion)
      implements KubeletAnswer {
    public Answered(KubeletConfiguration config) {
      this(config, null);
    }
  }

  /// @param check KubeletUnreachable, KubeletUnauthorized or KubeletConfigUnavailable
  /// @param reason a CamelCase word such as Timeout, TlsUntrusted or Forbidden
  /// @param message a sentence
  record Unanswered(Check check, String reason, String message) implements KubeletAnswer {
    private static final Set<Check> CHECKS =
        Set.of(Check.KubeletUnreachable, Check.KubeletUnauthorized, Check.KubeletConfigUnavailable);

    public Unanswered {
      if (!CHECKS.contains(check)) {
        throw new IllegalArgumentException(check + " is not about an answer");
      }
    }
  }
}
