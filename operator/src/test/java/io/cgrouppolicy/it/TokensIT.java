package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static io.cgrouppolicy.testing.Fixture.within;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.FleetOperator;
import io.cgrouppolicy.testing.Kubectl;
import io.cgrouppolicy.testing.LocalCluster;
import io.cgrouppolicy.testing.MetricsScraper;
import io.cgrouppolicy.testing.WorkDirectory;
import io.cgrouppolicy.testing.kubelet.Behaviour;
import io.cgrouppolicy.testing.kubelet.SimulatedKubelet;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// No token is in anything that the operator writes, with all logs on, and none reaches a kubelet
/// that is not verified.
class TokensIT {
  private static final List<Behaviour> UNVERIFIED =
      List.of(Behaviour.OTHER_CA, Behaviour.WRONG_SAN, Behaviour.EXPIRED, Behaviour.PLAIN_HTTP);

  private static final List<Behaviour> VERIFIED =
      List.of(
          Behaviour.ANSWER,
          Behaviour.STATUS_401,
          Behaviour.STATUS_403,
          Behaviour.STATUS_500,
          Behaviour.GARBAGE,
          Behaviour.HTML,
          Behaviour.CLOSE_IN_THE_MIDDLE);

  @RegisterExtension
  static final FleetOperator FLEET =
      new FleetOperator("3S")
          .with("QUARKUS_LOG_LEVEL", "DEBUG")
          .with("QUARKUS_LOG_CATEGORY__IO_FABRIC8__LEVEL", "DEBUG")
          .with("QUARKUS_LOG_CATEGORY__IO_JAVAOPERATORSDK__LEVEL", "DEBUG")
          .with("CGROUP_POLICY_PRESSURE_INTERVAL", "3S")
          .with("CGROUP_POLICY_METRICS_SECURE", "true");

  @RegisterExtension final Fixture fixture = new Fixture();

  @Test
  void tokensStayWhereTheyBelong() throws IOException {
    var verified = start(VERIFIED);
    var unverified = start(UNVERIFIED);
    var namespace = fixture.namespace("a");
    fixture.policy("limits", "mode: Enforce", 256);
    FLEET.policy(
        fixture,
        "nodes",
        "",
        "remedy: Publish, " + FleetOperator.PIDS + ", pressure: {memory: {full: 5}}");
    var scraper = Kubectl.run("-n", namespace, "create", "token", "default").strip();
    var metrics = new ArrayList<String>();
    within(
        Duration.ofSeconds(60),
        () -> {
          var refused = new MetricsScraper().scrape(FLEET.process().metricsAddress(), scraper);
          metrics.add(refused);
          assertThat(refused).startsWith("403");
          assertThat(fixture.status("nodes", "NodesCompliant"))
              .isEqualTo("Unknown KubeletsUnknown");
          assertThat(fixture.get("nodes").getStatus().nodes().selected())
              .isEqualTo(VERIFIED.size() + UNVERIFIED.size());
          assertThat(verified).allMatch(kubelet -> !kubelet.seen().tokens().isEmpty());
          assertThat(unverified).allMatch(kubelet -> kubelet.seen().connections() > 2);
          assertThat(fixture.quota(namespace)).isNotNull();
        });
    metrics.add(page(namespace));
    for (var kubelet : unverified) {
      assertThat(kubelet.seen().tokens()).as("tokens sent to an unverified kubelet").isEmpty();
      assertThat(kubelet.seen().bytesIn()).as("bytes sent to an unverified kubelet").isZero();
    }
    var tokens = new HashSet<>(Set.of(scraper, own()));
    verified.forEach(kubelet -> tokens.addAll(kubelet.seen().tokens()));
    assertThat(FLEET.process().log()).contains("DEBUG").hasSizeGreaterThan(50_000);
    for (var token : tokens) {
      search("the log", FLEET.process().log(), token);
      search("the metrics", String.join("\n", metrics), token);
      for (var kind : List.of("events", "cgrouppolicies", "configmaps", "limitranges", "leases")) {
        search(kind, Kubectl.run("get", kind, "--all-namespaces", "-o", "json"), token);
      }
      for (var file : files()) {
        search(file, Files.readString(WorkDirectory.resolve(file)), token);
      }
    }
  }

  private List<SimulatedKubelet> start(List<Behaviour> behaviours) {
    return behaviours.stream()
        .map(
            behaviour ->
                FLEET
                    .node(fixture, behaviour.name().toLowerCase().replace('_', '-'))
                    .hardened()
                    .behave(behaviour)
                    .start())
        .toList();
  }

  private static String own() throws IOException {
    var kubeconfig = Files.readString(LocalCluster.get().operatorKubeconfig());
    var token = Pattern.compile("token: \"([^\"]+)\"").matcher(kubeconfig);
    assertThat(token.find()).isTrue();
    return token.group(1);
  }

  /// The page of metrics, for a client that may read it.
  private String page(String namespace) {
    Kubectl.run(
        "create",
        "clusterrolebinding",
        fixture.id,
        "--clusterrole",
        "cgroup-policy-operator-metrics-reader",
        "--serviceaccount",
        namespace + ":default");
    try {
      var pages = new ArrayList<String>();
      var token = Kubectl.run("-n", namespace, "create", "token", "default").strip();
      eventually(
          () -> {
            pages.add(new MetricsScraper().scrape(FLEET.process().metricsAddress(), token));
            assertThat(pages.getLast()).startsWith("200").contains("cgroup_policy_leader");
          });
      return pages.getLast();
    } finally {
      Kubectl.run("delete", "clusterrolebinding", fixture.id);
    }
  }

  /// The logs of all operators that this JVM has started.
  private static List<String> files() throws IOException {
    try (var files = Files.list(WorkDirectory.resolve(""))) {
      var logs =
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> name.startsWith("operator-") && name.endsWith(".log"))
              .toList();
      assertThat(logs).isNotEmpty();
      return logs;
    }
  }

  /// A part is enough to recognize a token by: its claims are no secret, but nothing that should be
  /// written either.
  private static void search(String where, String text, String token) {
    for (var part : token.split("\\.")) {
      if (part.length() > 60 && text.contains(part)) {
        throw new AssertionError(where + " contains a part of a token");
      }
    }
  }
}
