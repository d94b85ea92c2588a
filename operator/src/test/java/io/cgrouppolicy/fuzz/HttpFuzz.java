package io.cgrouppolicy.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.shell.kubelet.KubeletReader;
import io.cgrouppolicy.shell.kubelet.KubeletResponse;
import io.cgrouppolicy.shell.kubelet.KubeletToken;
import io.cgrouppolicy.shell.kubelet.ReaderOptions;
import io.cgrouppolicy.shell.settings.KubeletAccess;
import io.cgrouppolicy.testing.kubelet.KubeletFleet;
import io.cgrouppolicy.testing.kubelet.Recordings;
import io.cgrouppolicy.testing.kubelet.SimulatedKubelet;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// Responses over TLS that are wrong in HTTP, as the reader of kubelets handles them.
public final class HttpFuzz implements AutoCloseable {
  static final int LENGTH = 64;
  private static final String TOKEN = "the-token-for-kubelets";
  private static final int MAX_BODY = 1 << 20;

  private final KubeletFleet fleet = KubeletFleet.withoutCluster(TOKEN);
  private final KubeletReader reader =
      new KubeletReader(
          new ReaderOptions(
              KubeletAccess.DIRECT,
              Optional.of(fleet.caFile()),
              false,
              Duration.ofSeconds(20),
              4,
              MAX_BODY),
          new ConfigBuilder(Config.empty()).withMasterUrl("https://127.0.0.1:1").build(),
          new KubeletToken(HttpFuzz::token, InstantSource.system()));
  private final SimulatedKubelet kubelet = fleet.node("n").hardened().start();

  private static TokenRequest token() {
    return new TokenRequestBuilder()
        .withNewSpec()
        .withExpirationSeconds(600L)
        .endSpec()
        .withNewStatus()
        .withToken(TOKEN)
        .endStatus()
        .build();
  }

  /// @param arguments the number of responses, and the seed
  public static void main(String[] arguments) throws Exception {
    int cases = Integer.parseInt(arguments[0]);
    long seed = Long.parseLong(arguments[1]);
    int bodies = 0;
    try (var http = new HttpFuzz()) {
      for (int i = 0; i < cases; i++) {
        try {
          bodies += http.test(Choices.random(seed + i, LENGTH)) ? 1 : 0;
        } catch (Exception | AssertionError e) {
          throw new AssertionError("seed " + (seed + i), e);
        }
      }
    }
    System.out.printf("%d responses, of which %d have a body%n", cases, bodies);
  }

  /// @return whether there is a body
  boolean test(Choices choices) throws Exception {
    var body = Recordings.bytes("configz-hardened.json");
    var response =
        reader
            .read(kubelet.raw(new HttpMutator(choices).response(body)).node(), "/configz")
            .get(15, TimeUnit.SECONDS); // less than the timeout of the reader: the peer has closed
    return switch (response) {
      case KubeletResponse.Body read -> {
        assertThat(read.bytes()).hasSizeLessThanOrEqualTo(MAX_BODY);
        KubeletPipeline.checkConfiguration(read.bytes());
        yield true;
      }
      case KubeletResponse.Failure failure -> {
        assertThat(failure.message()).isNotBlank().doesNotContain("pwned", TOKEN);
        PlainText.check(failure.message());
        yield false;
      }
    };
  }

  @Override
  public void close() {
    reader.close();
    fleet.close();
  }
}
