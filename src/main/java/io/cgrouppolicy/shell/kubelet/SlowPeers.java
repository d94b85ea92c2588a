package io.cgrouppolicy.shell.kubelet;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/// The peers that let their last request run into its timeout. They queue among themselves, so that
/// however many hang, the others are not held up a second time.
final class SlowPeers {
  /// Addresses of nodes that are gone fall out in the end.
  private static final int MOST = 10_000;

  private final Set<String> addresses =
      Collections.newSetFromMap(
          new LinkedHashMap<>() {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
              return size() > MOST;
            }
          });

  synchronized boolean contains(Peer peer) {
    return addresses.contains(peer.hostHeader());
  }

  synchronized void learn(Peer peer, KubeletResponse response) {
    if (response instanceof KubeletResponse.Failure failure && failure.reason() == Reason.Timeout) {
      addresses.add(peer.hostHeader());
    } else {
      addresses.remove(peer.hostHeader());
    }
  }
}
