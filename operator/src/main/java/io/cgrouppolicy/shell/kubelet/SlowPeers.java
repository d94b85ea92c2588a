package io.cgrouppolicy.shell.kubelet;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/// The servers whose last request timed out. They queue separately, so they delay healthy ones at
/// most once.
final class SlowPeers {
  /// Drops the oldest above this, so addresses of deleted nodes do not pile up.
  private static final int MOST = 10_000;

  private final Set<String> addresses =
      Collections.newSetFromMap(
          new LinkedHashMap<>() {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
              return size() > MOST;
            }
          });

  synchronized boolean contains(KubeletEndpoint endpoint) {
    return addresses.contains(endpoint.hostHeader());
  }

  synchronized void learn(KubeletEndpoint endpoint, KubeletResponse response) {
    if (response instanceof KubeletResponse.Failure failure && failure.reason() == Reason.Timeout) {
      addresses.add(endpoint.hostHeader());
    } else {
      addresses.remove(endpoint.hostHeader());
    }
  }
}
