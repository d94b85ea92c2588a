package io.cgrouppolicy.shell.kubelet;

import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.Map;

/// The servers whose last request timed out. They queue separately, so they delay healthy ones at
/// most once.
final class SlowPeers {
  /// Bounded, so that addresses of deleted nodes do not pile up.
  private final Map<String, Boolean> addresses =
      Caffeine.newBuilder()
          .maximumSize(10_000)
          .executor(Runnable::run)
          .<String, Boolean>build()
          .asMap();

  boolean contains(KubeletEndpoint endpoint) {
    return addresses.containsKey(endpoint.hostHeader());
  }

  void learn(KubeletEndpoint endpoint, KubeletResponse response) {
    if (response instanceof KubeletResponse.Failure failure && failure.reason() == Reason.Timeout) {
      addresses.put(endpoint.hostHeader(), true);
    } else {
      addresses.remove(endpoint.hostHeader());
    }
  }
}
