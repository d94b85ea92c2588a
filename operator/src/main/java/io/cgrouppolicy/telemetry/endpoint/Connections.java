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
  private final Vertx vertx;
  private final int most;
  private final Duration head;
  private final Duration next;

  /// The timer of each connection that is open.
  private final Map<HttpConnection, Long> open = new ConcurrentHashMap<>();

  /// @param most open at a time
  /// @param head for the handshake, and for the head of the first request
  /// @param next from an answer to the whole head of the next request
  Connections(Vertx vertx, int most, Duration head, Duration next) {
    this.vertx = vertx;
    this.most = most;
    this.head = head;
    this.next = next;
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
    closeAfter(head, connection);
    connection.closeHandler(
        closed -> {
          var timer = open.remove(connection);
          if (timer != null) {
            vertx.cancelTimer(timer);
          }
        });
  }

  /// The head of a request is there.
  void asked(HttpConnection connection) {
    open.computeIfPresent(
        connection,
        (same, timer) -> {
          vertx.cancelTimer(timer);
          return timer;
        });
  }

  void answered(HttpConnection connection) {
    if (open.containsKey(connection)) {
      closeAfter(next, connection);
    }
  }

  private void closeAfter(Duration time, HttpConnection connection) {
    open.put(connection, vertx.setTimer(time.toMillis(), late -> connection.close()));
  }
}
