package io.cgrouppolicy.shell.kubelet;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SlowPeersTest {
  private final SlowPeers slow = new SlowPeers();

  @Test
  void remembersPeersThatTimedOutLastTime() {
    slow.learn(peer(10250), Reason.Timeout.because("late"));
    assertThat(slow.contains(peer(10250))).isTrue();
    slow.learn(peer(10250), Reason.Forbidden.because("no"));
    assertThat(slow.contains(peer(10250))).isFalse();
  }

  @Test
  void kubeletsBehindOneAddressAreDistinct() {
    slow.learn(peer(10250), Reason.Timeout.because("late"));
    assertThat(slow.contains(peer(10251))).isFalse();
    slow.learn(peer(10251), new KubeletResponse.Body(new byte[0]));
    assertThat(slow.contains(peer(10250))).isTrue();
  }

  private static KubeletEndpoint peer(int port) {
    return new KubeletEndpoint(
        "192.0.2.1", port, "/configz", "192.0.2.1:" + port, "it", "get nodes/configz");
  }
}
