package io.cgrouppolicy.cli.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.cgrouppolicy.cli.recommend.Usage.ContainerId;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What a Prometheus, or something else at its address, may answer.
class PrometheusTest {
  private static final int MAX = 1 << 20;

  private final CountDownLatch end = new CountDownLatch(1);
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final List<String> tokens = new CopyOnWriteArrayList<>();
  private HttpServer server;
  private String url;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.start();
    url = "http://127.0.0.1:" + server.getAddress().getPort() + "/prefix/";
  }

  @AfterEach
  void stop() {
    end.countDown();
    server.stop(0);
  }

  private interface Handler {
    void handle(HttpExchange exchange) throws IOException, InterruptedException;
  }

  private void on(Handler handler) {
    server.createContext(
        "/prefix/api/v1/query",
        exchange -> {
          var body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          asked.add(URLDecoder.decode(body, StandardCharsets.UTF_8));
          tokens.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
          try (exchange) {
            handler.handle(exchange);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          } catch (IOException e) {
            // the client has had enough
          }
        });
  }

  private void answers(int status, String body) {
    on(
        exchange -> {
          var bytes = body.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, bytes.length);
          exchange.getResponseBody().write(bytes);
        });
  }

  private static String vector(String... rows) {
    return "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[%s]},\"warnings\":[\"w\"]}"
        .formatted(String.join(",", rows));
  }

  private static String row(String labels, String value) {
    return "{\"metric\":{%s},\"value\":[1764500000.123,\"%s\"]}".formatted(labels, value);
  }

  private static final String LABELS =
      "\"namespace\":\"shop\",\"pod\":\"web-1\",\"container\":\"app\"";

  private Map<ContainerId, BigDecimal> query(String token) throws PrometheusException {
    try (var prometheus = new Prometheus(URI.create(url), token, Duration.ofSeconds(2), MAX)) {
      return prometheus.query("up");
    }
  }

  private void assertFails(String... texts) {
    assertThatThrownBy(() -> query(null))
        .isInstanceOf(PrometheusException.class)
        .hasMessageStartingWith("Prometheus at " + url + " ")
        .hasMessageContainingAll(texts);
  }

  @Test
  void readsAVector() throws PrometheusException {
    answers(
        200,
        vector(
            row(LABELS, "3.25e+08"),
            row(LABELS.replace("web-1", "nan"), "NaN"),
            row(LABELS.replace("web-1", "inf"), "+Inf"),
            row("\"namespace\":\"shop\"", "1")));
    assertThat(query(null)).containsOnlyKeys(new ContainerId("shop", "web-1", "app"));
    assertThat(query(null).values().iterator().next()).isEqualByComparingTo("325000000");
    assertThat(asked).contains("query=up");
    assertThat(tokens).containsOnly("null");
  }

  @Test
  void sendsTheToken() throws PrometheusException {
    answers(200, vector());
    assertThat(query("secret")).isEmpty();
    assertThat(tokens).containsExactly("Bearer secret");
  }

  @Test
  void aTokenThatIsMissingOrWrong() {
    answers(401, "Unauthorized");
    assertFails("answered 401", "--prometheus-token-file");
    assertThatThrownBy(() -> query("wrong")).hasMessageContaining("does not accept the token");
  }

  @Test
  void anErrorOfTheQuery() {
    answers(
        422,
        "{\"status\":\"error\",\"errorType\":\"execution\",\"error\":\"query processing would load too"
            + " many samples\\u001b[2J into memory\"}");
    assertFails("answered 422: query processing would load too many samples [2J into memory");
  }

  @Test
  void garbage() {
    for (var body :
        List.of(
            "<html>login</html>",
            "",
            "null",
            "[]",
            "{}",
            "\"text\"",
            "{\"status\":\"success\"}",
            "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[]}}",
            vector("{}"),
            vector("null"),
            vector("1"),
            vector("{\"metric\":null,\"value\":[1,\"1\"]}"),
            vector(row(LABELS, "many")),
            vector(row(LABELS, "1")).substring(0, 60),
            "[".repeat(100_000))) {
      answers(200, body);
      assertFails("answer");
      server.removeContext("/prefix/api/v1/query");
    }
  }

  @Test
  void somethingElseAtTheAddress() {
    answers(404, "not found");
    assertFails("answered 404");
  }

  /// The redirection could lead to another host, and the token with it.
  @Test
  void doesNotFollowRedirections() {
    on(
        exchange -> {
          exchange.getResponseHeaders().set("Location", url + "elsewhere");
          exchange.sendResponseHeaders(302, -1);
        });
    assertFails("answered 302");
    assertThat(asked).hasSize(1);
  }

  @Test
  void aServerThatHangs() {
    on(exchange -> end.await());
    assertFails("did not answer within 2 s", "--window");
  }

  @Test
  void aServerThatHangsInTheMiddle() {
    on(
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write('{');
          exchange.getResponseBody().flush();
          end.await();
        });
    assertFails("did not answer within 2 s");
  }

  @Test
  void anAnswerWithoutEnd() {
    on(
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          var spaces = " ".repeat(1 << 16).getBytes(StandardCharsets.UTF_8);
          while (true) {
            exchange.getResponseBody().write(spaces);
          }
        });
    assertFails("answered with more than 1 MiB", "-n");
  }

  @Test
  void aConnectionThatBreaks() {
    on(
        exchange -> {
          exchange.sendResponseHeaders(200, 100);
          exchange.getResponseBody().write('{');
        });
    assertFails("did not give a whole answer");
  }

  @Test
  void nothingAtTheAddress() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      url = "http://127.0.0.1:" + socket.getLocalPort();
    }
    assertFails("the connection was refused");
    url = "http://host.invalid:9090";
    assertFails("its host is unknown");
  }

  @Test
  void aMetricThatIsNotThere() {
    answers(200, vector());
    var queries = new UsageQueries("7d", 95, List.of("shop"));
    try (var prometheus = new Prometheus(URI.create(url), null)) {
      assertThatThrownBy(() -> queries.read(prometheus, url, what -> {}))
          .hasMessageContainingAll("container_memory_working_set_bytes", "7d in shop", "cAdvisor");
    }
  }

  @Test
  void asksOnceForEachFigure() throws PrometheusException {
    answers(200, vector(row(LABELS, "1")));
    try (var prometheus = new Prometheus(URI.create(url), null)) {
      new UsageQueries("7d", 95, List.of()).read(prometheus, url, what -> {});
    }
    var by = "query=max by (namespace, pod, container) ";
    var containers = "{container!=\"\",container!=\"POD\"}";
    assertThat(asked)
        .containsExactly(
            by + "(max_over_time(container_memory_working_set_bytes" + containers + "[7d]))",
            by
                + "(quantile_over_time(0.95, container_memory_working_set_bytes"
                + containers
                + "[7d]))",
            by
                + "(quantile_over_time(0.95, rate(container_cpu_usage_seconds_total"
                + containers
                + "[5m])[7d:5m]))");
  }
}
