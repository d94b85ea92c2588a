package io.cgrouppolicy.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.shell.kubelet.KubeletReader;
import io.cgrouppolicy.shell.kubelet.KubeletResponse;
import io.cgrouppolicy.shell.kubelet.ReaderFixture;
import io.cgrouppolicy.testing.kubelet.Recordings;
import io.cgrouppolicy.testing.kubelet.SimulatedKubelet;
import java.util.concurrent.TimeUnit;

/// Responses over TLS that are wrong in HTTP, as the reader of kubelets handles them.
public final class HttpFuzz implements AutoCloseable {
  static final int LENGTH = 64;
  private static final int MAX_BODY = 1 << 20;

  private final ReaderFixture fixture = new ReaderFixture();
  private final KubeletReader reader = fixture.reader(fixture.options(ReaderFixture.PATIENT));
  private final SimulatedKubelet kubelet = fixture.fleet.node("n").hardened().start();

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
        assertThat(failure.message()).isNotBlank().doesNotContain("pwned", ReaderFixture.TOKEN);
        PlainText.check(failure.message());
        yield false;
      }
    };
  }

  @Override
  public void close() {
    reader.close();
    fixture.close();
  }
}
