package io.cgrouppolicy.shell.kubelet;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.shell.kubelet.KubeletResponse.Body;
import io.cgrouppolicy.shell.kubelet.KubeletResponse.Failure;
import io.cgrouppolicy.shell.settings.KubeletAccess;
import io.cgrouppolicy.testing.kubelet.KubeletFleet;
import io.cgrouppolicy.testing.kubelet.SimulatedKubelet;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// Kubelets without a cluster, and readers for them.
public final class ReaderFixture implements AutoCloseable {
  public static final String TOKEN = "the-token-for-kubelets";

  /// The operator's own, which no kubelet accepts.
  private static final String OWN = "the-token-of-the-operator";

  /// For what must be answered: never reached, however busy the machine.
  public static final Duration PATIENT = Duration.ofSeconds(20);

  public final KubeletFleet fleet = KubeletFleet.withoutCluster(TOKEN);

  public ReaderOptions options(Duration timeout) {
    return new ReaderOptions(
        KubeletAccess.DIRECT, Optional.of(fleet.caFile()), false, timeout, 8, 1 << 20);
  }

  ReaderOptions trusting(Path caFile) {
    return new ReaderOptions(KubeletAccess.DIRECT, Optional.of(caFile), false, PATIENT, 8, 1 << 20);
  }

  ReaderOptions insecure() {
    return new ReaderOptions(KubeletAccess.DIRECT, Optional.empty(), true, PATIENT, 8, 1 << 20);
  }

  static ConfigBuilder config() {
    return new ConfigBuilder(Config.empty())
        .withMasterUrl("https://127.0.0.1:1")
        .withOauthToken(OWN);
  }

  public KubeletReader reader(ReaderOptions options) {
    return new KubeletReader(options, config().build(), token(TOKEN));
  }

  public static KubeletToken token(String token) {
    return new KubeletToken(() -> granted(token, 600), InstantSource.system());
  }

  /// An API server's answer.
  static TokenRequest granted(String token, long seconds) {
    return new TokenRequestBuilder()
        .withNewSpec()
        .withExpirationSeconds(seconds)
        .endSpec()
        .withNewStatus()
        .withToken(token)
        .endStatus()
        .build();
  }

  static KubeletResponse read(KubeletReader reader, SimulatedKubelet kubelet) throws Exception {
    return reader.read(kubelet.node(), "/configz").get(60, TimeUnit.SECONDS);
  }

  static String text(KubeletResponse response) {
    assertThat(response).isInstanceOf(Body.class);
    return new String(((Body) response).bytes(), StandardCharsets.UTF_8);
  }

  static Reason reason(KubeletResponse response) {
    assertThat(response).isInstanceOf(Failure.class);
    return ((Failure) response).reason();
  }

  @Override
  public void close() {
    fleet.close();
  }
}
