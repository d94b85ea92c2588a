package io.cgrouppolicy.shell.kubelet;

import io.cgrouppolicy.shell.settings.KubeletAccess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// Settings of a [KubeletReader].
///
/// @param caFile PEM bundle to verify kubelets with; if empty, the cluster's own CA
/// @param insecureSkipTlsVerify send the token to any server at a node's address
/// @param timeout from the DNS lookup to the last byte of the body
/// @param concurrency most requests in flight; kubelets whose last request timed out have half as
///     many places more, and queue separately
/// @param maxBody in bytes
public record ReaderOptions(
    KubeletAccess access,
    Optional<Path> caFile,
    boolean insecureSkipTlsVerify,
    Duration timeout,
    int concurrency,
    int maxBody) {}
