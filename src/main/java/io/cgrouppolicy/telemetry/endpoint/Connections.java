package io.cgrouppolicy.telemetry.endpoint;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Bounds what somebody can take who only connects: the number of connections, and the time for the
/// head of a request, which would be endless if it came in byte by byte.
final class Connections {
  /// For the handshake, and for the head of the first request.
  static final int HEAD_SECONDS = 10;

  /// From an answer to the whole head of the next request; above the usual intervals of scrapes.
  static final int NEXT_SECONDS = 150;

  private final Vertx vertx;
  private final int most;

  /// The timer of each connection that is open.
  private final Map<HttpConnection, Long> open = new ConcurrentHashMap<>();

  Connections(Vertx vertx, int most) {
    this.vertx = vertx;
    this.most = most;
  }

  void opened(HttpConnection connection) {
    if (open.size() >= most) {
      connection.close();
      return;
    }
    closeAfter(HEAD_SECONDS, connection);
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
      closeAfter(NEXT_SECONDS, connection);
    }
  }

  private void closeAfter(int seconds, HttpConnection connection) {
    open.put(connection, vertx.setTimer(seconds * 1000L, late -> connection.close()));
  }
}
