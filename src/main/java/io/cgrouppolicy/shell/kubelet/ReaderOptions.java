package io.cgrouppolicy.shell.kubelet;

import io.cgrouppolicy.shell.settings.KubeletAccess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// How kubelets are read.
///
/// @param caFile PEM bundle that kubelets are verified with; empty: the cluster's own CA
/// @param insecureSkipTlsVerify send the token to whoever answers
/// @param timeout from the first packet to the last byte of the body
/// @param concurrency most requests in flight; half as many more for kubelets that ran into their
///     timeout the last time, which queue apart
/// @param maxBody in bytes
public record ReaderOptions(
    KubeletAccess access,
    Optional<Path> caFile,
    boolean insecureSkipTlsVerify,
    Duration timeout,
    int concurrency,
    int maxBody) {

  public ReaderOptions {
    if (concurrency < 1 || maxBody < 1 || !timeout.isPositive()) {
      throw new IllegalArgumentException(
          "cgroup-policy.kubelet: timeout, concurrency and max-body must be above 0");
    }
  }
}
