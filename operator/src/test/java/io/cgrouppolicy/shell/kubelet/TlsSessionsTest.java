package io.cgrouppolicy.shell.kubelet;

import static io.cgrouppolicy.shell.kubelet.ReaderFixture.TOKEN;
import static io.cgrouppolicy.shell.kubelet.ReaderFixture.text;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// The TLS sessions that are kept of a kubelet that is asked again and again.
class TlsSessionsTest {
  @Test
  void onlyTheSessionThatCanBeResumedIsKept() throws Exception {
    try (var kubelets = new ReaderFixture();
        var hosts = new HostLookup(name -> null)) {
      var ca =
          CaBundle.forKubelets(
              Optional.of(kubelets.fleet.caFile()), ReaderFixture.config().build());
      var context = PeerTls.verifying(ca).context();
      var address = KubeletAddress.of(kubelets.fleet.node("n").start().node()).orElseThrow();
      var endpoint =
          new KubeletEndpoint(
              address.host(), address.port(), "/configz", address.toString(), "n", "get");
      byte[] before = {};
      for (int i = 0; i < 3; i++) {
        var get = new HttpsGet(endpoint, TOKEN, 1 << 20, context, hosts);
        get.run();
        assertThat(text(get.response())).contains("KubeletConfiguration");
        var sessions = Collections.list(context.getClientSessionContext().getIds());
        assertThat(sessions).hasSize(1);
        assertThat(sessions.getFirst()).as("one ticket is used once").isNotEqualTo(before);
        before = sessions.getFirst();
      }
    }
  }
}
