package io.cgrouppolicy.shell.start;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.WebSocket;
import io.fabric8.kubernetes.client.vertx.VertxHttpClientFactory;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.ServerWebSocket;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ClosingSilentWatchesTest {
  private static final Duration SILENCE = Duration.ofSeconds(1);
  private static final int PERIOD_MILLIS = 100;

  private final Vertx vertx = Vertx.vertx();
  private final HttpClient client =
      new VertxHttpClientFactory(new ClosingSilentWatches(vertx, SILENCE)).newBuilder().build();

  /// As many as take longer than the silence.
  private final CountDownLatch messages = new CountDownLatch(15);

  private final CompletableFuture<Object> ended = new CompletableFuture<>();

  @AfterEach
  void close() {
    client.close();
    join(vertx.close());
  }

  @Test
  void closesAConnectionOnWhichNothingArrives() throws Exception {
    connect(silent -> {});
    assertThat(ended.get(30, TimeUnit.SECONDS)).isNotNull();
  }

  @Test
  void keepsAConnectionOnWhichSomethingArrivesNowAndThen() throws InterruptedException {
    connect(
        socket -> vertx.setPeriodic(PERIOD_MILLIS, timer -> socket.writeTextMessage("a bookmark")));
    assertThat(messages.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(ended).isNotDone();
  }

  private void connect(Consumer<ServerWebSocket> server) {
    var listening =
        join(vertx.createHttpServer().webSocketHandler(server::accept).listen(0, "127.0.0.1"));
    client
        .newWebSocketBuilder()
        .uri(URI.create("ws://127.0.0.1:" + listening.actualPort()))
        .buildAsync(
            new WebSocket.Listener() {
              @Override
              public void onMessage(WebSocket socket, String text) {
                messages.countDown();
                socket.request();
              }

              @Override
              public void onClose(WebSocket socket, int code, String reason) {
                ended.complete(code);
              }

              @Override
              public void onError(WebSocket socket, Throwable error) {
                ended.complete(error);
              }
            })
        .join();
  }

  private static <T> T join(Future<T> future) {
    return future.toCompletionStage().toCompletableFuture().join();
  }
}
