package io.cgrouppolicy.telemetry.endpoint;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Who only connects, over real sockets. Times are either too short to wait for or too long.
class ConnectionsTest {
  private static final Vertx VERTX = Vertx.vertx();
  private static final Duration SHORT = Duration.ofMillis(100);
  private static final Duration LONG = Duration.ofMinutes(5);

  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (var each : open.reversed()) {
      each.close();
    }
  }

  @AfterAll
  static void end() {
    VERTX.close().toCompletionStage().toCompletableFuture().join();
  }

  /// A server that answers `/` at once, and `/late` after three times [#SHORT].
  private HttpServer server(int most, Duration head, Duration next) {
    var connections = new Connections(VERTX, most, head, next);
    var server =
        VERTX
            .createHttpServer(connections.options())
            .connectionHandler(connections::opened)
            .requestHandler(request -> answer(connections, request))
            .listen(0, "127.0.0.1")
            .toCompletionStage()
            .toCompletableFuture()
            .join();
    open.add(() -> server.close().toCompletionStage().toCompletableFuture().join());
    return server;
  }

  private static void answer(Connections connections, HttpServerRequest request) {
    connections.asked(request.connection());
    if (request.path().equals("/late")) {
      VERTX.setTimer(3 * SHORT.toMillis(), late -> request.response().end());
    } else {
      request.response().end();
    }
  }

  private Client connect(HttpServer server) throws IOException {
    var client = new Client(new Socket(InetAddress.getLoopbackAddress(), server.actualPort()));
    open.add(client.socket);
    return client;
  }

  @Test
  void connectionsOverTheLimitAreClosed() throws IOException {
    var server = server(100, LONG, LONG);
    var clients = new ArrayList<Client>();
    for (int i = 0; i < 100; i++) {
      var client = connect(server);
      assertThat(client.get("/")).startsWith("HTTP/1.1 200");
      clients.add(client);
    }
    assertThat(connect(server).isClosed()).isTrue();
    assertThat(clients.getFirst().get("/")).as("the others stay").startsWith("HTTP/1.1 200");
    clients.getLast().socket.close();
    eventually(() -> assertThat(connect(server).get("/")).startsWith("HTTP/1.1 200"));
  }

  @Test
  void aSilentClientIsDisconnected() throws IOException {
    var server = server(1, SHORT, LONG);
    assertThat(connect(server).isClosed()).isTrue();
    eventually(() -> assertThat(connect(server).get("/")).startsWith("HTTP/1.1 200"));
  }

  /// Which no idle timeout would end.
  @Test
  void aHeadThatArrivesByteByByteTimesOut() throws IOException {
    var server = server(1, SHORT, LONG);
    var client = connect(server);
    client.send("GET / HTTP/1.1\r\nHost: localhost\r\nX: ");
    eventually(() -> assertThat(client.isClosedAfterOneByteMore()).isTrue());
    eventually(() -> assertThat(connect(server).get("/")).startsWith("HTTP/1.1 200"));
  }

  @Test
  void aPendingResponseKeepsTheConnectionOpen() throws IOException {
    var server = server(100, SHORT, LONG);
    eventually(() -> assertThat(connect(server).get("/late")).startsWith("HTTP/1.1 200"));
  }

  @Test
  void theNextHeadHasADeadlineToo() throws IOException {
    var server = server(1, LONG, SHORT);
    var client = connect(server);
    assertThat(client.get("/")).startsWith("HTTP/1.1 200");
    client.send("GET / HTTP/1.1\r\nHost: localhost\r\nX: ");
    eventually(() -> assertThat(client.isClosedAfterOneByteMore()).isTrue());
    eventually(() -> assertThat(connect(server).get("/")).startsWith("HTTP/1.1 200"));
  }

  private static final class Client {
    final Socket socket;
    private final BufferedReader in;

    Client(Socket socket) throws IOException {
      this.socket = socket;
      socket.setSoTimeout(20_000);
      socket.setTcpNoDelay(true);
      in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
    }

    void send(String text) throws IOException {
      socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /// The head of the answer, or "" where there is none.
    String get(String path) throws IOException {
      try {
        send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
        var head = new StringBuilder();
        for (var line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
          head.append(line).append('\n');
        }
        return head.toString();
      } catch (SocketException e) { // closed while it was written to
        return "";
      }
    }

    /// Waits for the server to say or close something; whether it is the latter.
    boolean isClosed() throws IOException {
      try {
        return in.read() == -1;
      } catch (SocketException e) { // a reset
        return true;
      }
    }

    /// Does not wait for that.
    boolean isClosedAfterOneByteMore() throws IOException {
      socket.setSoTimeout(1);
      try {
        send("x");
        return isClosed();
      } catch (SocketTimeoutException e) {
        return false;
      } catch (SocketException e) {
        return true;
      }
    }
  }
}
