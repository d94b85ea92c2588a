package io.cgrouppolicy.shell.cluster;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.RequestConfigBuilder;
import java.time.Duration;

/// How long an API server that is away is waited for: by itself, the client tries a request again
/// for half a minute, or for minutes where nobody answers.
public final class SingleAttempt {
  private static final Duration ANSWER = Duration.ofSeconds(5);

  private SingleAttempt() {}

  /// The same client, which tries each request once, for those who ask again themselves.
  public static KubernetesClient once(KubernetesClient client) {
    return once(client, ANSWER);
  }

  /// The same client, which tries each request once.
  ///
  /// @param answer how long it waits for the answer
  public static KubernetesClient once(KubernetesClient client, Duration answer) {
    var config =
        new RequestConfigBuilder(client.getConfiguration().getRequestConfig())
            .withRequestTimeout(Math.toIntExact(answer.toMillis()))
            .withRequestRetryBackoffLimit(0)
            .build();
    return client.newClient(config).adapt(KubernetesClient.class);
  }

  /// Whether it was the API server that said no, rather than nobody who said anything.
  public static boolean answered(KubernetesClientException failure) {
    return failure.getCode() > 0; // 0 or -1 where there is no HTTP status
  }
}
