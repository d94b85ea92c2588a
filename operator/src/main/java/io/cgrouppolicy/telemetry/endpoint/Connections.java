package io.cgrouppolicy.telemetry.endpoint;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerOptions;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/// Bounds what somebody can take who only connects: the number of connections, and the time for the
/// head of a request, which would be endless if it came in byte by byte.
final class Connections {
  private final int most;
  private final Duration head;
  private final Duration next;

  /// When each open connection is closed, in the time of [System#nanoTime()].
  private final Map<HttpConnection, Long> open = new ConcurrentHashMap<>();

  /// @param most open at a time
  /// @param head for the handshake, and for the head of the first request
  /// @param next from the head of a request to the whole head of the next one
  Connections(Vertx vertx, int most, Duration head, Duration next) {
    this.most = most;
    this.head = head;
    this.next = next;
    vertx.setPeriodic(Math.min(head.toMillis(), next.toMillis()) / 10, id -> closeLate());
  }

  /// Those of a server that can be bound in this way: with HTTP/1.1 only, which is enough for a
  /// scrape and cannot be reset rapidly. Where HTTP/2 in the clear is possible, Vert.x tells of a
  /// connection when its first bytes have come, and so not of those that send none.
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

  /// The head of a request is there.
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
