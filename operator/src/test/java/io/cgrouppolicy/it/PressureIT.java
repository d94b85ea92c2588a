package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static io.cgrouppolicy.testing.Fixture.within;
import static io.cgrouppolicy.testing.FleetOperator.PIDS;
import static io.cgrouppolicy.testing.FleetOperator.pressure;
import static io.cgrouppolicy.testing.FleetOperator.violations;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.FleetOperator;
import io.cgrouppolicy.testing.Workloads;
import io.cgrouppolicy.testing.kubelet.Behaviour;
import io.cgrouppolicy.testing.kubelet.SimulatedKubelet;
import io.cgrouppolicy.testing.kubelet.Summary;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Nodes under pressure, normal nodes, and nodes without figures, according to their kubelets'
/// summaries.
class PressureIT {
  private static final String SUMMARY = "/stats/summary";
  private static final String ALL =
      "pressure: {cpu: {some: 40}, memory: {some: 10, full: 1}, io: {some: 30, full: 10}}";

  @RegisterExtension
  static final FleetOperator operator =
      new FleetOperator(FleetOperator.NEVER).with("CGROUP_POLICY_PRESSURE_INTERVAL", "1S");

  @RegisterExtension final Fixture fixture = new Fixture();

  private SimulatedKubelet node(String name, Summary summary) {
    return operator.node(fixture, name).hardened().summary(summary);
  }

  private void becomes(String line) {
    eventually(() -> assertThat(pressure(fixture, "p")).isEqualTo(line));
  }

  private String message(String node) {
    return FleetOperator.message(fixture, "p", node);
  }

  private List<Event> events(String node, String reason) {
    return fixture.client.events().v1().events().inNamespace("default").list().getItems().stream()
        .filter(e -> e.getRegarding().getName().equals(fixture.id + "-" + node))
        .filter(e -> e.getReason().equals(reason))
        .toList();
  }

  @Test
  void eachThresholdIsComparedWithEachNode() {
    node("quiet", Summary.quiet()).start();
    node("cpu", Summary.quiet().psi("cpu", "some", 50, 60)).start();
    node("mem-some", Summary.quiet().psi("memory", "some", 12, 15)).start();
    node(
            "mem-full",
            Summary.quiet()
                .psi("memory", "full", 3, 12.3)
                .pod("shop", "cache-0", 5_476_083_302L)
                .podPsi("cache-0", "memory", "full", 20, 33))
        .start();
    node("io-some", Summary.quiet().psi("io", "some", 50, 31)).start();
    node("io-full", Summary.quiet().psi("io", "full", 11, 11)).start();
    node("over", Summary.quiet().psi("io", "full", 9, 90).psi("cpu", "some", 1, 90)).start();
    node("spike", Summary.quiet().psi("io", "full", 90, 9).psi("memory", "full", 30, 1)).start();
    node("excepted", Summary.quiet().psi("memory", "full", 50, 50)).start();
    node("recorded", Summary.quiet()).underPressure().start();
    operator.policy(
        fixture,
        "p",
        "exceptions: [{check: PressureMemory, nodes: ['*-excepted'], reason: r}], ",
        ALL);
    eventually(
        () ->
            assertThat(violations(fixture, "p"))
                .containsExactlyInAnyOrder(
                    "PressureCpu cpu: some <= 40 % | some 60 %",
                    "PressureMemory mem-some: some <= 10 % | some 15 %",
                    "PressureMemory mem-full: full <= 1 % | full 12 %",
                    "PressureIo io-some: some <= 30 % | some 31 %",
                    "PressureIo io-full: full <= 10 % | full 11 %",
                    "PressureCpu recorded: some <= 40 % | some 66 %",
                    "PressureMemory recorded: full <= 1 % | full above 1 %"));
    becomes("10 observed, 6 above, 0 unavailable; False PressureAbove");
    assertThat(message("mem-full"))
        .isEqualTo(
            "memory full 12 % over 60 s (threshold 1 %); most stalled pod shop/cache-0 (33 %)");
    assertThat(fixture.condition("p", "PressureNormal").getMessage())
        .isEqualTo("6 of 10 nodes are above a threshold");
    assertThat(fixture.status("p", "Ready")).isEqualTo("True Audited");
    assertThat(fixture.status("p", "Compliant")).isEqualTo("False ViolationsFound");
    assertThat(fixture.status("p", "NodesCompliant")).isEqualTo("True Compliant");
    assertThat(events("cpu", "PressureCpu")).as("it was there at first").isEmpty();
  }

  @Test
  void theCauseNamesThePodsOfTheNode() {
    var namespace = fixture.namespace("shop");
    var shop = new Workloads(fixture, namespace);
    node(
            "a",
            Summary.quiet()
                .psi("memory", "full", 20, 12)
                .pod(namespace, "cache-0", 5_476_083_302L)
                .pod(namespace, "cache-1", 104_857_600L)
                .pod(namespace, "web-0", 6_442_450_944L))
        .start();
    shop.pod("cache-0", Workloads.UNLIMITED, fixture.id + "-a");
    shop.pod("cache-1", Workloads.UNLIMITED, fixture.id + "-a");
    shop.pod("web-0", Workloads.LIMITED, fixture.id + "-a");
    operator.policy(fixture, "p", "", ALL);
    eventually(
        () ->
            assertThat(message("a"))
                .isEqualTo(
                    "memory full 12 % over 60 s (threshold 1 %); 2 pods without a memory limit,"
                        + " largest "
                        + namespace
                        + "/cache-0 at 5.1 GiB"));
  }

  /// Pods are known long before a slow kubelet's figures.
  @Test
  void theFindingOnNeighboursShowsTheUsageAsSoonAsItIsKnown() {
    var namespace = fixture.namespace("shop");
    var shop = new Workloads(fixture, namespace);
    var kubelet =
        node("a", Summary.quiet().pod(namespace, "cache-0", 5_476_083_302L))
            .behave(SUMMARY, Behaviour.STATUS_403)
            .start();
    shop.pod("cache-0", Workloads.UNLIMITED, fixture.id + "-a");
    shop.pod("web-0", Workloads.LIMITED, fixture.id + "-a");
    operator.policy(
        fixture,
        "p",
        "namespaces: {selector: {matchLabels: {test: "
            + fixture.id
            + "}}}, workloads: {allowBestEffort: true}, ",
        ALL);
    eventually(
        () -> assertThat(message("a")).contains(namespace + "/cache-0; next to 1 guaranteed pod"));
    kubelet.behave(SUMMARY, Behaviour.ANSWER);
    eventually(() -> assertThat(message("a")).contains(namespace + "/cache-0, uses about 5 GiB"));
    kubelet.behave(SUMMARY, Behaviour.STATUS_403);
    eventually(
        () -> assertThat(message("a")).contains(namespace + "/cache-0; next to 1 guaranteed pod"));
  }

  @Test
  void missingFiguresAreUnavailableAndNeverNormal() {
    node("off", Summary.quiet().off()).start();
    node("absent", Summary.quiet().withoutPsi()).start();
    node("no-io", Summary.quiet().without("io")).start();
    node("hangs", Summary.quiet()).behave(SUMMARY, Behaviour.HANG_AFTER_REQUEST).start();
    node("forbids", Summary.quiet()).behave(SUMMARY, Behaviour.STATUS_403).start();
    node("html", Summary.quiet()).behave(SUMMARY, Behaviour.HTML).start();
    node("huge", Summary.quiet()).behave(SUMMARY, Behaviour.HUGE_BODY).start();
    node("half", Summary.quiet()).behave(SUMMARY, Behaviour.TRUNCATED_JSON).start();
    node("no-summary", Summary.quiet())
        .answer(SUMMARY, "{}".getBytes(StandardCharsets.UTF_8))
        .start();
    node("refuses", Summary.quiet()).behave(Behaviour.REFUSE).start();
    var notReady = node("not-ready", Summary.quiet()).ready(false).start();
    node("quiet", Summary.quiet()).start();
    operator.policy(fixture, "p", "", ALL + ", " + PIDS);
    var reasons =
        List.of(
            "PressureUnavailable off: pressure figures | PsiOff",
            "PressureUnavailable absent: pressure figures | PsiAbsent",
            "PressureUnavailable no-io: pressure figures | PsiAbsent",
            "PressureUnavailable hangs: pressure figures | Timeout",
            "PressureUnavailable forbids: pressure figures | Forbidden",
            "PressureUnavailable html: pressure figures | Garbage",
            "PressureUnavailable huge: pressure figures | TooLarge",
            "PressureUnavailable half: pressure figures | Garbage",
            "PressureUnavailable no-summary: pressure figures | Garbage",
            "PressureUnavailable refuses: pressure figures | ConnectionRefused",
            "PressureUnavailable not-ready: pressure figures | NodeNotReady");
    within(
        Duration.ofSeconds(60),
        () ->
            assertThat(violations(fixture, "p"))
                .filteredOn(v -> v.startsWith("Pressure"))
                .containsExactlyInAnyOrderElementsOf(reasons));
    becomes("1 observed, 0 above, 11 unavailable; Unknown PressureUnavailable");
    assertThat(FleetOperator.nodes(fixture, "p"))
        .as("their configuration is known all the same")
        .isEqualTo("12 selected: 10 compliant, 0 drifted, 2 unknown; Unknown KubeletsUnknown");
    assertThat(fixture.status("p", "Compliant")).isEqualTo("Unknown Undetermined");
    assertThat(fixture.status("p", "Ready")).isEqualTo("True Audited");
    assertThat(message("forbids"))
        .contains("get nodes/stats")
        .endsWith("; it has given no figures since the operator started");
    assertThat(message("no-io")).contains("does not report io full, io some pressure");
    assertThat(notReady.seen().connections()).isZero();
    notReady.ready(true);
    becomes("2 observed, 0 above, 10 unavailable; Unknown PressureUnavailable");
  }

  @Test
  void pressureBeginsIsReportedAndEnds() {
    var kubelet = node("a", Summary.quiet()).start();
    operator.policy(fixture, "p", "", ALL);
    becomes("1 observed, 0 above, 0 unavailable; True Normal");
    assertThat(worst("memory", "full")).isZero();
    assertThat(worst("cpu", "some")).isEqualTo(20.51, offset(0.001));

    kubelet.summary(Summary.quiet().psi("memory", "full", 40, 22.25));
    becomes("1 observed, 1 above, 0 unavailable; False PressureAbove");
    assertThat(worst("memory", "full")).isEqualTo(22.25);
    eventually(() -> assertThat(nodes("above")).isEqualTo(1));
    assertThat(nodes("normal")).isZero();
    eventually(
        () ->
            assertThat(events("a", "PressureMemory"))
                .hasSize(1)
                .allSatisfy(
                    e -> {
                      assertThat(e.getType()).isEqualTo("Warning");
                      assertThat(e.getRegarding().getKind()).isEqualTo("Node");
                      assertThat(e.getNote())
                          .isEqualTo(
                              "policy "
                                  + fixture.id
                                  + "-p: memory full 22 % over 60 s (threshold 1 %)");
                    }));

    kubelet.behave(SUMMARY, Behaviour.STATUS_500);
    becomes("0 observed, 0 above, 1 unavailable; Unknown PressureUnavailable");
    assertThat(message("a")).contains("; its last figures are of ");
    eventually(() -> assertThat(nodes("unavailable")).isEqualTo(1));
    assertThat(worst("memory", "full")).isNaN();

    kubelet.behave(SUMMARY, Behaviour.ANSWER).summary(Summary.quiet());
    becomes("1 observed, 0 above, 0 unavailable; True Normal");
    assertThat(violations(fixture, "p")).isEmpty();
    assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant");

    var scrape = operator.process().metrics();
    assertThat(scrape).doesNotContain(kubelet.name());
    assertThat(operator.process().metric("cgroup_policy_pressure_oldest_answer_age_seconds"))
        .isBetween(0.0, 10.0);
    fixture.delete("p");
    eventually(() -> assertThat(operator.process().metrics()).doesNotContain(fixture.id));
    int asked = kubelet.seen().requests(SUMMARY);
    operator.node(fixture, "later").start();
    operator.policy(fixture, "q", "", PIDS);
    eventually(() -> assertThat(fixture.status("q", "Ready")).isEqualTo("True Audited"));
    assertThat(kubelet.seen().requests(SUMMARY)).as("nobody asks any more").isEqualTo(asked);
  }

  private double worst(String resource, String kind) {
    return operator
        .process()
        .metric(
            "cgroup_policy_pressure_worst{kind=\"%s\",policy=\"%s-p\",resource=\"%s\"}"
                .formatted(kind, fixture.id, resource));
  }

  private double nodes(String state) {
    return operator
        .process()
        .metric(
            "cgroup_policy_pressure_nodes{policy=\"%s-p\",state=\"%s\"}"
                .formatted(fixture.id, state));
  }

  /// The configuration alone is asked for once an hour here.
  @Test
  void aKubeletThatRefusesConnectionsIsUnknownAtOnce() {
    var kubelet = node("a", Summary.quiet()).start();
    operator.policy(fixture, "p", "", ALL + ", " + PIDS);
    becomes("1 observed, 0 above, 0 unavailable; True Normal");
    eventually(() -> assertThat(FleetOperator.nodes(fixture, "p")).contains("1 compliant"));
    kubelet.behave(Behaviour.REFUSE);
    eventually(
        () ->
            assertThat(FleetOperator.nodes(fixture, "p"))
                .isEqualTo(
                    "1 selected: 0 compliant, 0 drifted, 1 unknown; Unknown KubeletsUnknown"));
    assertThat(violations(fixture, "p"))
        .contains("KubeletUnreachable a: the kubelet's configuration | ConnectionRefused");
  }

  @Test
  void aPodAtItsOwnLimitDiffersFromANodeThatIsShortOfMemory() {
    var namespace = fixture.namespace("shop");
    var shop = new Workloads(fixture, namespace);
    node(
            "a",
            Summary.quiet()
                .psi("memory", "full", 20, 12)
                .availableMemory(60)
                .pod(namespace, "thrashes", 20_000_000)
                .podLimit("thrashes", 64 << 20, 64 << 20)
                .podPsi("thrashes", "memory", "full", 30, 34)
                .pod(namespace, "innocent", 104_857_600L))
        .start();
    shop.pod("thrashes", Workloads.LIMITED, fixture.id + "-a");
    shop.pod("innocent", Workloads.UNLIMITED, fixture.id + "-a");
    operator.policy(fixture, "p", "", ALL);
    eventually(
        () ->
            assertThat(message("a"))
                .isEqualTo(
                    "memory full 12 % over 60 s (threshold 1 %); most stalled pod "
                        + namespace
                        + "/thrashes (34 %, at 100 % of its memory limit); 60 % of the node's"
                        + " memory is available, which points to pods at their own memory limits"
                        + " and not to a lack of memory"));
  }

  @Test
  void onlyNodesOfPoliciesWithThresholdsAreAsked() {
    var kubelet = node("a", Summary.quiet().psi("io", "full", 20, 20)).start();
    operator.policy(fixture, "p", "", PIDS);
    eventually(() -> assertThat(fixture.status("p", "Ready")).isEqualTo("True Audited"));
    assertThat(fixture.status("p", "PressureNormal")).isEqualTo("True NotRequested");
    assertThat(fixture.get("p").getStatus().pressure()).isNull();
    assertThat(kubelet.seen().requests(SUMMARY)).isZero();

    operator.policy(fixture, "p", "", "pressure: {io: {full: 10}}");
    becomes("1 observed, 1 above, 0 unavailable; False PressureAbove");
    operator.policy(fixture, "p", "", "pressure: {io: {full: 30}}");
    becomes("1 observed, 0 above, 0 unavailable; True Normal");
    fixture.client.nodes().withName(kubelet.name()).delete();
    becomes("0 observed, 0 above, 0 unavailable; Unknown NothingSelected");
  }
}
