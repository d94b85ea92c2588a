package io.cgrouppolicy.shell.kubelet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cgrouppolicy.shell.kubelet.KubeletToken.TokenUnavailableException;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class KubeletTokenTest {
  private Instant now = Instant.parse("2026-11-24T00:00:00Z");
  private int requests;
  private long life = 600;
  private RuntimeException refusal;
  private final KubeletToken token = new KubeletToken(this::request, () -> now);

  private TokenRequest request() {
    requests++;
    if (refusal != null) {
      throw refusal;
    }
    return ReaderFixture.granted("token-" + requests, life);
  }

  private static KubernetesClientException forbidden(String message) {
    return new KubernetesClientException(
        new StatusBuilder().withCode(403).withMessage(message).build());
  }

  private void after(long seconds) {
    now = now.plusSeconds(seconds);
  }

  @Test
  void isRenewedAfterFourFifthsOfItsLife() throws Exception {
    assertThat(token.get()).isEqualTo("token-1");
    after(479);
    assertThat(token.get()).isEqualTo("token-1");
    after(1);
    assertThat(token.get()).isEqualTo("token-2");
    after(479);
    assertThat(token.get()).isEqualTo("token-2");
    assertThat(requests).isEqualTo(2);
  }

  @Test
  void theLifeIsThatWhichTheServerGrants() throws Exception {
    life = 100;
    assertThat(token.get()).isEqualTo("token-1");
    after(79);
    assertThat(token.get()).isEqualTo("token-1");
    after(1);
    assertThat(token.get()).isEqualTo("token-2");
  }

  @Test
  void staysInUseUntilItExpiresIfItCannotBeRenewed() throws Exception {
    assertThat(token.get()).isEqualTo("token-1");
    refusal = forbidden("not today");
    after(480);
    assertThat(token.get()).isEqualTo("token-1");
    after(119);
    assertThat(token.get()).isEqualTo("token-1");
    after(1);
    assertThatThrownBy(token::get)
        .isInstanceOf(TokenUnavailableException.class)
        .hasMessage("not today");
    refusal = null;
    after(10);
    assertThat(token.get()).isEqualTo("token-" + requests);
  }

  @Test
  void isRequestedEveryTenSecondsHoweverManyKubeletsWait() throws Exception {
    refusal = forbidden("no");
    for (int kubelet = 0; kubelet < 1000; kubelet++) {
      assertThatThrownBy(token::get).hasMessage("no");
    }
    assertThat(requests).isEqualTo(1);
    after(9);
    assertThatThrownBy(token::get).hasMessage("no");
    assertThat(requests).isEqualTo(1);
    refusal = null;
    after(1);
    assertThat(token.get()).isEqualTo("token-2");
  }

  @Test
  void aServerThatDoesNotAnswerIsAReasonToo() {
    refusal = new KubernetesClientException("connection refused");
    assertThatThrownBy(token::get).hasMessage("connection refused");
  }

  @Test
  void aCallerThatGivesUpDoesNotFailTheOthers() throws Exception {
    refusal = new KubernetesClientException("interrupted");
    Thread.currentThread().interrupt();
    assertThatThrownBy(token::get).isInstanceOf(InterruptedException.class);
    assertThat(Thread.interrupted()).isFalse();
    refusal = null;
    assertThat(token.get()).isEqualTo("token-2");
  }
}
