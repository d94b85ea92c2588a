package io.cgrouppolicy.shell.start;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.impl.VertxInternal;
import io.vertx.core.impl.VertxWrapper;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// A Vert.x whose clients close connections on which nothing arrives, so that the watches on them
/// reconnect. Otherwise, after packets were lost silently (the API server's machine lost power, a
/// firewall forgot the connection), caches would be stale until the Kubernetes client renews its
/// watches, after 5 to 10 minutes. That client has no setting for this.
final class ClosingSilentWatches extends VertxWrapper {
  /// The API server sends a bookmark on each watch once a minute (`defaultBookmarkFrequency` in
  /// its cacher).
  private static final Duration SILENCE = Duration.ofSeconds(90);

  private final Duration silence;

  ClosingSilentWatches(Vertx vertx) {
    this(vertx, SILENCE);
  }

  ClosingSilentWatches(Vertx vertx, Duration silence) {
    super((VertxInternal) vertx);
    this.silence = silence;
  }

  @Override
  public HttpClient createHttpClient(HttpClientOptions options) {
    return super.createHttpClient(
        options
            .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
            .setReadIdleTimeout(Math.toIntExact(silence.toMillis())));
  }
}
