package io.cgrouppolicy.kubelet.client;

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
    Access access,
    Optional<Path> caFile,
    boolean insecureSkipTlsVerify,
    Duration timeout,
    int concurrency,
    int maxBody) {

  /// Which way a request takes.
  public enum Access {
    /// To the kubelet's own port: `get nodes/configz` is enough.
    DIRECT,
    /// Through the API server, for kubelets that cannot be dialled or are older than 1.33. It needs
    /// `get nodes/proxy`, which is exec into every pod of the node (CIS Kubernetes 5.1.14).
    PROXY
  }

  public ReaderOptions {
    if (concurrency < 1 || maxBody < 1 || !timeout.isPositive()) {
      throw new IllegalArgumentException(
          "cgroup-policy.kubelet: timeout, concurrency and max-body must be above 0");
    }
  }
}
