package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.Kubectl;
import io.cgrouppolicy.testing.MetricsScraper;
import io.cgrouppolicy.testing.OperatorProcess;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Who can read the metrics of an operator as shipped, and by which protocol.
class MetricsAccessIT {
  private static final String AUTH = "cgroup-policy-operator-metrics-auth";
  private static final String READER = "cgroup-policy-operator-metrics-reader";

  /// The subject of the operator's own certificate, for its Service in its namespace.
  private static final String OWN = "CN=cgroup-policy-operator-metrics.cgroup-policy-system.svc";

  @TempDir static Path tls;
  private static OperatorProcess operator;
  @RegisterExtension final Fixture fixture = new Fixture();
  private final MetricsScraper scraper = new MetricsScraper();

  @BeforeAll
  static void start() {
    operator = new OperatorProcess(settings(tls));
  }

  private static Map<String, String> settings(Path directory) {
    return Map.of(
        "CGROUP_POLICY_METRICS_SECURE", "true",
        "CGROUP_POLICY_METRICS_TLS_DIRECTORY", directory.toString(),
        "CGROUP_POLICY_METRICS_RELOAD_PERIOD", "0.2S",
        "CGROUP_POLICY_METRICS_ALLOWED_FOR", "1S",
        "CGROUP_POLICY_METRICS_REFUSED_FOR", "0.1S");
  }

  @AfterAll
  static void end() {
    operator.close();
  }

  private static URI address() {
    eventually(() -> assertThat(operator.metricsAddress()).hasScheme("https"));
    return operator.metricsAddress();
  }

  /// A token of a ServiceAccount of this test.
  private String token(String namespace) {
    Kubectl.run("-n", namespace, "create", "serviceaccount", "scraper");
    return Kubectl.run("-n", namespace, "create", "token", "scraper").strip();
  }

  private void bind(String namespace) {
    Kubectl.run(
        "create",
        "clusterrolebinding",
        fixture.id,
        "--clusterrole",
        READER,
        "--serviceaccount",
        namespace + ":scraper");
  }

  private void unbind() {
    Kubectl.run("delete", "clusterrolebinding", fixture.id, "--ignore-not-found");
  }

  private String scrape(String token) {
    return scraper.scrape(address(), token);
  }

  @Test
  void onlyPermittedClientsGetMetrics() {
    assertThat(scrape(null)).startsWith("401");
    assertThat(scrape("made.up.token")).startsWith("401");
    var namespace = fixture.namespace("a");
    var token = token(namespace);
    assertThat(scrape(token))
        .startsWith("403")
        .contains("system:serviceaccount:" + namespace + ":scraper may not get the URL /metrics");
    try {
      bind(namespace);
      eventually(
          () -> assertThat(scrape(token)).startsWith("200").contains("cgroup_policy_leader"));
    } finally {
      unbind();
    }
    eventually(() -> assertThat(scrape(token)).startsWith("403"));
    assertThat(operator.log()).doesNotContain(token).doesNotContain("made.up.token");
  }

  @Test
  void withoutAReviewThereAreNoMetrics() {
    var namespace = fixture.namespace("a");
    var token = token(namespace);
    var role = fixture.client.rbac().clusterRoles().withName(AUTH);
    var shipped = role.get().getRules();
    try {
      bind(namespace);
      eventually(() -> assertThat(scrape(token)).startsWith("200"));
      for (var resource : List.of("tokenreviews", "subjectaccessreviews")) {
        rules(shipped.stream().filter(rule -> !rule.getResources().contains(resource)).toList());
        eventually(
            () ->
                assertThat(scrape(token)).startsWith("500").contains("may not create " + resource));
      }
      assertThat(operator.log())
          .contains("metrics are kept back: the operator may not create tokenreviews")
          .contains("config/rbac/metrics_auth_role.yaml");
      rules(shipped);
      eventually(() -> assertThat(scrape(token)).startsWith("200"));
    } finally {
      rules(shipped);
      unbind();
    }
  }

  private void rules(List<PolicyRule> rules) {
    fixture
        .client
        .rbac()
        .clusterRoles()
        .withName(AUTH)
        .edit(role -> role.edit().withRules(rules).build());
  }

  @Test
  void nothingElseIsAnswered() throws IOException {
    var host = address().getAuthority();
    assertThat(scraper.send(URI.create("https://" + host + "/q/metrics"), null, "GET"))
        .startsWith("404");
    assertThat(scraper.send(URI.create("https://" + host + "/q/health"), null, "GET"))
        .startsWith("404");
    assertThat(scraper.send(address(), null, "POST")).startsWith("405");
    assertThat(scraper.send(address(), "x".repeat(20_000), "GET")).startsWith("431");
    assertThat(operator.get("/q/metrics")).as("on the port of the probes").startsWith("404");
    assertThat(operator.get("/metrics")).startsWith("404");
    assertThat(operator.get("/q/health/live")).startsWith("200");
    try (var http = HttpClient.newHttpClient()) {
      var plain = HttpRequest.newBuilder(URI.create("http://" + host + "/metrics")).build();
      assertThatThrownBy(() -> http.send(plain, HttpResponse.BodyHandlers.ofString()))
          .as("plain HTTP")
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void theCertificateInTheFilesIsServedAsSoonAsItExists() throws IOException {
    scrape(null);
    assertThat(scraper.peer()).isEqualTo(OWN);
    int changes = 0;
    for (var name : List.of("first", "second")) {
      certificate(tls, name);
      served("that of", ++changes);
      scrape(null);
      assertThat(scraper.peer()).isEqualTo("CN=" + name);
    }
    Files.writeString(tls.resolve("tls.crt"), "nonsense");
    eventually(
        () ->
            assertThat(operator.log())
                .contains("still served with the certificate from before")
                .contains("tls.crt holds no certificate"));
    scrape(null);
    assertThat(scraper.peer()).isEqualTo("CN=second");
    Files.delete(tls.resolve("tls.crt"));
    Files.delete(tls.resolve("tls.key"));
    served("self-signed", 2);
    scrape(null);
    assertThat(scraper.peer()).isEqualTo(OWN);
    assertThat(operator.log()).as("trouble on the way").doesNotContain("Failed to initialize");
  }

  /// Waits for the log and not for an answer: Vert.x closes connections that come while it changes
  /// the certificate.
  private static void served(String origin, int times) {
    eventually(
        () ->
            assertThat(operator.log().split("the certificate of the metrics is " + origin, -1))
                .hasSize(times + 1));
  }

  @Test
  void aCertificateThatIsBrokenFromTheStartStopsTheMetricsOnly(@TempDir Path directory)
      throws IOException {
    certificate(directory, "fixed");
    var key = directory.resolve("tls.key");
    var good = Files.readString(key);
    Files.delete(key);
    try (var late = new OperatorProcess(settings(directory))) {
      eventually(() -> assertThat(late.get("/q/health/started")).startsWith("200"));
      assertThat(late.log())
          .contains("metrics are not served until this is fixed")
          .contains("tls.key is missing")
          .doesNotContain("metrics are served");
      Files.writeString(key, good);
      eventually(() -> assertThat(late.log()).contains("metrics are served at https://"));
      assertThat(scraper.scrape(late.metricsAddress(), null)).startsWith("401");
      assertThat(scraper.peer()).isEqualTo("CN=fixed");
    }
  }

  @Test
  void aPortThatIsTakenIsNamed() throws IOException {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var port = String.valueOf(taken.getLocalPort());
      try (var second = new OperatorProcess(Map.of("CGROUP_POLICY_METRICS_PORT", port))) {
        eventually(() -> assertThat(second.alive()).isFalse());
        assertThat(second.log()).contains("Port " + port + " seems to be in use");
      }
    }
  }

  private static void certificate(Path directory, String name) throws IOException {
    MetricsScraper.certificate(name, directory.resolve("tls.crt"), directory.resolve("tls.key"));
  }
}
