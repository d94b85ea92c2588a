package io.cgrouppolicy.shell.start;

import io.fabric8.kubernetes.client.vertx.VertxHttpClientFactory;
import io.vertx.core.Vertx;
import io.vertx.ext.web.client.WebClientOptions;
import java.time.Duration;

/// Closes connections on which nothing arrives, so that their watches reconnect. Otherwise, after
/// packets were lost silently (the API server's machine lost power, a firewall forgot the
/// connection), caches would be stale until the client renews its watches, after 5 to 10 minutes.
final class ClosingSilentWatches extends VertxHttpClientFactory {
  /// The API server sends a bookmark on each watch once a minute (`defaultBookmarkFrequency` in
  /// its cacher).
  private static final Duration SILENCE = Duration.ofSeconds(90);

  ClosingSilentWatches(Vertx vertx) {
    super(vertx);
  }

  @Override
  protected void additionalConfig(WebClientOptions options) {
    options.setReadIdleTimeout((int) SILENCE.toSeconds());
  }
}
