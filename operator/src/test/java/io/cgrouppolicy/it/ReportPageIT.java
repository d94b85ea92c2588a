package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static io.cgrouppolicy.testing.Workloads.UNLIMITED;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.Kubectl;
import io.cgrouppolicy.testing.MetricsScraper;
import io.cgrouppolicy.testing.OperatorProcess;
import io.cgrouppolicy.testing.Workloads;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The page with the findings of an operator as shipped, and who can read it.
class ReportPageIT {
  @RegisterExtension final Fixture fixture = new Fixture();
  private final MetricsScraper scraper = new MetricsScraper();

  private static final Map<String, String> ON =
      Map.of(
          "CGROUP_POLICY_METRICS_SECURE", "true",
          "CGROUP_POLICY_METRICS_REFUSED_FOR", "0.1S",
          "CGROUP_POLICY_METRICS_ALLOWED_FOR", "1S",
          "CGROUP_POLICY_REPORT_ENABLED", "true",
          "CGROUP_POLICY_REPORT_MAX_AGE", "0.2S");

  private String get(OperatorProcess operator, String path, String token) {
    return scraper.scrape(operator.metricsAddress().resolve(path), token);
  }

  private String token(String namespace) {
    Kubectl.run("-n", namespace, "create", "serviceaccount", "reader");
    return Kubectl.run("-n", namespace, "create", "token", "reader").strip();
  }

  /// Grants the URL, as docs/operations.md shows.
  private void grant(String namespace, String url) {
    Kubectl.run("create", "clusterrole", fixture.id, "--verb=get", "--non-resource-url=" + url);
    Kubectl.run(
        "create",
        "clusterrolebinding",
        fixture.id,
        "--clusterrole",
        fixture.id,
        "--serviceaccount",
        namespace + ":reader");
  }

  private void revoke() {
    Kubectl.run("delete", "clusterrolebinding", fixture.id, "--ignore-not-found");
    Kubectl.run("delete", "clusterrole", fixture.id, "--ignore-not-found");
  }

  @Test
  void permittedClientsGetAllFindings() {
    var namespace = fixture.namespace("a");
    var workloads = new Workloads(fixture, namespace);
    for (int i = 0; i < 120; i++) {
      workloads.pod("pod-" + i, UNLIMITED);
    }
    fixture.applySpec(
        "p",
        "namespaces: {selector: {matchLabels: {test: %s}}}\nworkloads: {requireLimits: [memory]}"
            .formatted(fixture.id));
    var token = token(namespace);
    try (var operator = new OperatorProcess(ON)) {
      eventually(() -> assertThat(operator.metricsAddress()).hasScheme("https"));
      assertThat(get(operator, "/report", null)).startsWith("401");
      assertThat(get(operator, "/report", "made.up.token")).startsWith("401");
      assertThat(get(operator, "/report", token))
          .startsWith("403")
          .contains("system:serviceaccount:" + namespace + ":reader may not get the URL /report");
      try {
        grant(namespace, "/report");
        eventually(
            () ->
                assertThat(get(operator, "/report", token))
                    .startsWith("200")
                    .contains("<h3>" + fixture.id + "-p</h3>", "Content-Security-Policy")
                    .contains(namespace + "/pod-0: ", namespace + "/pod-119: "));
        assertThat(get(operator, "/metrics", token))
            .as("the permission is for the report only")
            .startsWith("403");
        assertThat(scraper.send(uri(operator), token, "POST")).startsWith("405");
      } finally {
        revoke();
      }
      eventually(() -> assertThat(get(operator, "/report", token)).startsWith("403"));
    }
  }

  private static URI uri(OperatorProcess operator) {
    return operator.metricsAddress().resolve("/report");
  }

  /// A permission does not switch it on.
  @Test
  void isOffByDefault() {
    var namespace = fixture.namespace("a");
    var token = token(namespace);
    try (var operator = new OperatorProcess(Map.of("CGROUP_POLICY_METRICS_SECURE", "true"))) {
      eventually(() -> assertThat(operator.metricsAddress()).hasScheme("https"));
      try {
        grant(namespace, "/report");
        assertThat(get(operator, "/report", token)).startsWith("404");
      } finally {
        revoke();
      }
      leads(operator);
    }
  }

  /// Unlike metrics, which then need no token.
  @Test
  void needsATokenEvenIfMetricsDoNot() {
    var settings =
        Map.of("CGROUP_POLICY_METRICS_SECURE", "false", "CGROUP_POLICY_REPORT_ENABLED", "true");
    try (var operator = new OperatorProcess(settings)) {
      eventually(() -> assertThat(operator.metricsAddress()).hasScheme("http"));
      assertThat(get(operator, "/metrics", null)).startsWith("200");
      assertThat(get(operator, "/report", null)).startsWith("401");
      leads(operator);
    }
  }

  /// An operator that is stopped while it acquires the lease may keep it for a minute, and the next
  /// test would wait for that.
  private static void leads(OperatorProcess operator) {
    eventually(() -> assertThat(operator.leads()).isTrue());
  }
}
