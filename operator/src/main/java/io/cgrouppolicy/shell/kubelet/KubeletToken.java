package io.cgrouppolicy.shell.kubelet;

import io.cgrouppolicy.shell.cluster.SingleAttempt;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/// The token for kubelets, of a ServiceAccount that may only read kubelets, so that a compromised
/// node gains nothing from it. The operator's own token never reaches a kubelet.
///
/// Renewed after 80% of its life, as kubelets renew the tokens of pods. If that fails, the old
/// token stays in use until it expires. It has no audience of its own, because kubelets review
/// tokens for the audience of the API server.
public final class KubeletToken {
  /// The ServiceAccount, in the operator's own namespace.
  public static final String ACCOUNT = "cgroup-policy-kubelet-reader";

  /// The shortest that the API server grants.
  private static final Duration LIFE = Duration.ofMinutes(10);

  private static final Duration RETRY = Duration.ofSeconds(10);
  private static final Logger LOG = Logger.getLogger(KubeletToken.class);

  private final Supplier<TokenRequest> request;
  private final InstantSource clock;
  private String token;
  private Instant expiry = Instant.MIN;
  private Instant nextRequest = Instant.MIN;
  private String failure;

  /// @param request sends a TokenRequest and returns the answer
  public KubeletToken(Supplier<TokenRequest> request, InstantSource clock) {
    this.request = request;
    this.clock = clock;
  }

  /// @param namespace the operator's own
  public static KubeletToken of(KubernetesClient client, String namespace) {
    var account =
        SingleAttempt.once(client).serviceAccounts().inNamespace(namespace).withName(ACCOUNT);
    var body =
        new TokenRequestBuilder()
            .withNewSpec()
            .withExpirationSeconds(LIFE.toSeconds())
            .endSpec()
            .build();
    long start = System.nanoTime();
    // The wall clock may jump, and may differ from that of the API server.
    return new KubeletToken(
        () -> account.tokenRequest(body), () -> Instant.EPOCH.plusNanos(System.nanoTime() - start));
  }

  /// There is no valid token.
  static final class TokenUnavailableException extends Exception {
    private static final long serialVersionUID = 1L;

    TokenUnavailableException(String message) {
      super(message);
    }
  }

  /// The token as it is now.
  synchronized String get() throws TokenUnavailableException, InterruptedException {
    var now = clock.instant();
    if (!now.isBefore(nextRequest)) {
      renew(now);
    }
    if (!now.isBefore(expiry)) {
      throw new TokenUnavailableException(failure);
    }
    return token;
  }

  private void renew(Instant now) throws InterruptedException {
    try {
      var answer = request.get();
      var life = Duration.ofSeconds(answer.getSpec().getExpirationSeconds());
      token = answer.getStatus().getToken();
      expiry = now.plus(life);
      nextRequest = now.plus(life.multipliedBy(4).dividedBy(5));
      failure = null;
    } catch (KubernetesClientException e) {
      if (Thread.interrupted()) { // given up by the caller; says nothing about the API server
        throw new InterruptedException();
      }
      nextRequest = now.plus(RETRY);
      var cause = e.getStatus() == null ? e.getMessage() : e.getStatus().getMessage();
      if (!cause.equals(failure)) {
        LOG.warnf("cannot get a token of ServiceAccount %s for kubelets: %s", ACCOUNT, cause);
      }
      failure = cause;
    }
  }
}
