package io.cgrouppolicy.shell.kubelet;

import static io.cgrouppolicy.shell.kubelet.ReaderFixture.PATIENT;
import static io.cgrouppolicy.shell.kubelet.ReaderFixture.reason;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.kubelet.SimulatedKubelet;
import io.fabric8.kubernetes.api.model.Node;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/// Nodes that have no IP address, only a name.
class NameResolutionTest {
  @Test
  void aNameThatResolvesIsDialedAndVerified() throws Exception {
    try (var kubelets = new ReaderFixture();
        var dns = new Dns()) {
      var kubelet = kubelets.fleet.node("n").start();
      dns.known = kubelet.node().getStatus().getAddresses().getFirst().getAddress();
      try (var reader = dns.reader(kubelets, PATIENT)) {
        // The mismatch shows that the server was dialed: its certificate has another name.
        assertThat(reason(reader.read(named(kubelet, "known.example.com"), "/configz").get()))
            .isEqualTo(Reason.TlsHostnameMismatch);
        assertThat(kubelet.seen().connections()).isEqualTo(1);
      }
    }
  }

  @Test
  void aNameThatDoesNotResolveIsReported() throws Exception {
    try (var kubelets = new ReaderFixture();
        var dns = new Dns();
        var reader = dns.reader(kubelets, PATIENT)) {
      var kubelet = kubelets.fleet.node("n").start();
      assertThat(reason(reader.read(named(kubelet, "unknown.example.com"), "/configz").get()))
          .isEqualTo(Reason.DnsFailure);
    }
  }

  @Test
  void aDnsServerThatHangsCostsTheTimeout() throws Exception {
    try (var kubelets = new ReaderFixture();
        var dns = new Dns();
        var reader = dns.reader(kubelets, Duration.ofSeconds(1))) {
      var kubelet = kubelets.fleet.node("n").start();
      assertThat(reason(reader.read(named(kubelet, "hanging.example.com"), "/configz").get()))
          .isEqualTo(Reason.Timeout);
    }
  }

  private static Node named(SimulatedKubelet kubelet, String name) {
    return kubelet
        .node(n -> n.editStatus().withAddresses().addNewAddress(name, "Hostname").endStatus())
        .node();
  }

  /// Knows one name, never answers for names with "hanging", and fails for the rest. As the JDK's
  /// lookup, it ignores interrupts.
  private static final class Dns implements AutoCloseable {
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile String known = "";

    KubeletReader reader(ReaderFixture kubelets, Duration timeout) {
      return new KubeletReader(
          kubelets.options(timeout),
          ReaderFixture.config().build(),
          ReaderFixture.token(ReaderFixture.TOKEN),
          this::resolve);
    }

    private InetAddress resolve(String name) throws UnknownHostException {
      while (name.startsWith("hanging") && closed.getCount() > 0) {
        try {
          closed.await();
        } catch (InterruptedException ignored) {
          // waits on
        }
      }
      if (!name.startsWith("known")) {
        throw new UnknownHostException(name);
      }
      return InetAddress.ofLiteral(known);
    }

    @Override
    public void close() {
      closed.countDown();
    }
  }
}
