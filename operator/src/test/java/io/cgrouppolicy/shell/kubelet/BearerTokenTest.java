package io.cgrouppolicy.shell.kubelet;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BearerTokenTest {
  @TempDir Path dir;
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-11-24T00:00:00Z"));

  @Test
  void isReadAgainAfterAMinute() throws Exception {
    var kubeconfig = kubeconfig("first");
    var token = new BearerToken(Config.fromKubeconfig(kubeconfig.toFile()), now::get);
    assertThat(token.get()).contains("first");
    kubeconfig("second");
    now.updateAndGet(t -> t.plusSeconds(59));
    assertThat(token.get()).contains("first");
    now.updateAndGet(t -> t.plusSeconds(1));
    assertThat(token.get()).contains("second");
    Files.delete(kubeconfig);
    now.updateAndGet(t -> t.plusSeconds(60));
    assertThat(token.get()).as("a file that is away for a moment").contains("second");
  }

  @Test
  void aProviderIsAskedFirst() {
    var config = new ConfigBuilder(Config.empty()).withOauthToken("fixed").build();
    config.setOauthTokenProvider(() -> "provided\n");
    assertThat(new BearerToken(config, now::get).get()).contains("provided");
  }

  @Test
  void noneIsNone() {
    assertThat(new BearerToken(Config.empty(), now::get).get()).isEmpty();
    var blank = new ConfigBuilder(Config.empty()).withOauthToken(" \n").build();
    assertThat(new BearerToken(blank, now::get).get()).isEmpty();
  }

  private Path kubeconfig(String token) throws Exception {
    return Files.writeString(
        dir.resolve("kubeconfig"),
        """
        apiVersion: v1
        kind: Config
        current-context: c
        contexts: [{name: c, context: {cluster: c, user: u}}]
        clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}]
        users: [{name: u, user: {token: "%s"}}]
        """
            .formatted(token));
  }
}
