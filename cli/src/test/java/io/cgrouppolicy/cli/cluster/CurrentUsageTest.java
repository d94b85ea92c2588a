package io.cgrouppolicy.cli.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.cgrouppolicy.cli.recommend.Usage;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What the API server may answer for metrics.k8s.io.
class CurrentUsageTest {
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answers(String path, int status, String body) {
    server.createContext(
        "/apis/metrics.k8s.io/v1beta1" + path,
        exchange -> {
          try (exchange) {
            var bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
          }
        });
  }

  private Usage read(String... namespaces) {
    var config =
        new ConfigBuilder(Config.empty())
            .withMasterUrl("http://127.0.0.1:" + server.getAddress().getPort())
            .withRequestRetryBackoffLimit(0)
            .build();
    try (var client = new KubernetesClientBuilder().withConfig(config).build()) {
      return CurrentUsage.read(client, List.of(namespaces), what -> {});
    }
  }

  private static String status(int code, String message) {
    return "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"message\":\"%s\",\"code\":%d}"
        .formatted(message, code);
  }

  /// As metrics-server answers.
  private static final String PODS =
      """
      {"kind":"PodMetricsList","apiVersion":"metrics.k8s.io/v1beta1","metadata":{},"items":[
        {"metadata":{"name":"web-1","namespace":"shop","creationTimestamp":"2026-11-30T12:00:00Z"},
         "timestamp":"2026-11-30T11:59:40Z","window":"15.2s",
         "containers":[{"name":"app","usage":{"cpu":"1512034n","memory":"31004Ki"}}]}]}
      """;

  @Test
  void readsAllNamespacesOrSome() {
    answers("/pods", 200, PODS);
    answers("/namespaces/shop/pods", 200, PODS);
    for (var usage : List.of(read(), read("shop"))) {
      assertThat(usage).hasToString("SAMPLE metrics.k8s.io, 1 container");
    }
  }

  @Test
  void isOptional() {
    assertThat(read()).hasToString("NONE metrics.k8s.io is not installed");
    answers("/pods", 403, status(403, "pods.metrics.k8s.io is forbidden"));
    assertThat(read()).hasToString("NONE metrics.k8s.io: pods.metrics.k8s.io is forbidden");
    answers("/namespaces/shop/pods", 503, status(503, "the server is currently unable to handle"));
    assertThat(read("shop"))
        .hasToString("NONE metrics.k8s.io: the server is currently unable to handle");
    answers("/namespaces/new/pods", 200, PODS.replaceFirst("(?s)\\[.*]", "[]"));
    assertThat(read("new")).hasToString("NONE metrics.k8s.io has no figures of these pods");
  }

  @Test
  void garbageIsNoUsage() {
    answers("/pods", 200, "<html>");
    assertThat(read().toString()).startsWith("NONE metrics.k8s.io");
  }
}
