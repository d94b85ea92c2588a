package io.cgrouppolicy.shell.cluster;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.RequestConfigBuilder;
import java.time.Duration;

/// Makes clients that try each request once. By default, the client retries a failed request for
/// half a minute, or for minutes if the API server does not respond at all.
public final class SingleAttempt {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private SingleAttempt() {}

  /// A client that tries each request once, for callers with their own retry loop.
  public static KubernetesClient once(KubernetesClient client) {
    return once(client, TIMEOUT);
  }

  /// A client that tries each request once.
  ///
  /// @param timeout how long to wait for the response
  public static KubernetesClient once(KubernetesClient client, Duration timeout) {
    var config =
        new RequestConfigBuilder(client.getConfiguration().getRequestConfig())
            .withRequestTimeout(Math.toIntExact(timeout.toMillis()))
            .withRequestRetryBackoffLimit(0)
            .build();
    return client.newClient(config).adapt(KubernetesClient.class);
  }

  /// Whether the API server responded with an error, as opposed to not responding at all.
  public static boolean answered(KubernetesClientException failure) {
    return failure.getCode() > 0; // 0 or -1 without an HTTP status
  }
}
