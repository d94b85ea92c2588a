package io.cgrouppolicy.telemetry.endpoint;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerOptions;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/// Limits what an unauthenticated client can use: the number of connections, and the time for the
/// head of a request, which a client could send byte by byte without end.
final class Connections {
  private final int most;
  private final Duration head;
  private final Duration next;

  /// The deadline of each open connection, by [System#nanoTime()].
  private final Map<HttpConnection, Long> open = new ConcurrentHashMap<>();

  /// @param most connections at a time
  /// @param head for the handshake, and for the head of the first request
  /// @param next from the head of a request to the whole head of the next one
  Connections(Vertx vertx, int most, Duration head, Duration next) {
    this.most = most;
    this.head = head;
    this.next = next;
    vertx.setPeriodic(Math.min(head.toMillis(), next.toMillis()) / 10, id -> closeLate());
  }

  /// Options of a server that can be limited in this way: only HTTP/1.1, which is enough for a
  /// scrape and has no rapid reset. With cleartext HTTP/2, Vert.x reports a connection only after
  /// its first bytes, and so not one that sends none.
  HttpServerOptions options() {
    return new HttpServerOptions()
        .setUseAlpn(false)
        .setHttp2ClearTextEnabled(false)
        .setSslHandshakeTimeout(head.toMillis())
        .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
        .setIdleTimeout(Math.toIntExact(next.toMillis()))
        .setIdleTimeoutUnit(TimeUnit.MILLISECONDS);
  }

  void opened(HttpConnection connection) {
    if (open.size() >= most) {
      connection.close();
      return;
    }
    open.put(connection, in(head));
    connection.closeHandler(closed -> open.remove(connection));
  }

  /// The head of a request has arrived.
  void asked(HttpConnection connection) {
    open.replace(connection, in(next));
  }

  private void closeLate() {
    open.forEach(
        (connection, deadline) -> {
          if (deadline - System.nanoTime() < 0) {
            connection.close();
          }
        });
  }

  private static long in(Duration time) {
    return System.nanoTime() + time.toNanos();
  }
}
