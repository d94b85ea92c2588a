package io.cgrouppolicy.core.pods;

import static io.cgrouppolicy.core.pods.Pods.BOTH;
import static io.cgrouppolicy.core.pods.Pods.container;
import static io.cgrouppolicy.core.pods.Pods.containers;
import static io.cgrouppolicy.core.pods.Pods.init;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.Finding;
import io.cgrouppolicy.testing.Policies;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NeighbourRulesTest {
  private static final long GIB = 1L << 30;
  private static final String CAPPED =
      containers(container("a", "{memory: 1Mi}", "{memory: 64Mi}"));
  private static final PodFacts GUARANTEED =
      Pods.alone("db", "pg", containers(container("a", BOTH, BOTH)));
  private static final PodFacts CRITICAL =
      Pods.alone(
          "kube-system",
          "proxy",
          "containers: [{name: a}], priorityClassName: system-node-critical");
  private static final PodFacts UNCAPPED =
      Pods.alone("shop", "cache-0", containers(container("a", BOTH, "{}")));

  /// System namespaces are not selected.
  private static Optional<Finding> judge(Map<String, Long> usage, List<PodFacts> pods) {
    return NeighbourRules.finding(
        pods, pod -> !pod.namespace().equals("kube-system"), usage(usage));
  }

  private static Function<PodFacts, OptionalLong> usage(Map<String, Long> usage) {
    return pod ->
        usage.containsKey(pod.name())
            ? OptionalLong.of(usage.get(pod.name()))
            : OptionalLong.empty();
  }

  private static String message(PodFacts... pods) {
    return judge(Map.of(), List.of(pods)).map(Finding::message).orElse(null);
  }

  @Test
  void allThereIsToTell() {
    var pods =
        List.of(
            UNCAPPED,
            Pods.alone("shop", "cache-1", containers("{name: a}")),
            Pods.alone("alpha", "web", containers("{name: a}")),
            Pods.alone("db", "capped", CAPPED),
            GUARANTEED,
            Pods.alone("db", "pg-2", containers(container("a", BOTH, BOTH))),
            CRITICAL);
    var finding = judge(Map.of("cache-0", 5 * GIB + 100, "cache-1", 2 * GIB), pods).orElseThrow();
    assertThat(finding)
        .isEqualTo(
            Finding.of(
                Check.HazardousNeighbours,
                "no pods without a memory limit next to guaranteed or system-critical ones",
                "3 pods without a memory limit",
                "3 pods without a memory limit next to 2 guaranteed and 1 system-critical pod; the"
                    + " largest, shop/cache-0, uses about 5 GiB"));
  }

  @Test
  void bothMustBeOnTheNode() {
    assertThat(message(UNCAPPED)).isNull();
    assertThat(message(UNCAPPED, Pods.alone("db", "burstable", CAPPED))).isNull();
    assertThat(message(GUARANTEED, CRITICAL)).isNull();
    assertThat(message(UNCAPPED, GUARANTEED))
        .isEqualTo("1 pod without a memory limit: shop/cache-0; next to 1 guaranteed pod");
    assertThat(message(UNCAPPED, CRITICAL))
        .isEqualTo("1 pod without a memory limit: shop/cache-0; next to 1 system-critical pod");
  }

  @Test
  void namesUpToThreePodsWhereNoUsageIsKnown() {
    var pods = new ArrayList<>(List.of(GUARANTEED));
    for (var name : List.of("e", "d", "c", "b", "a")) {
      pods.add(Pods.alone("shop", name, containers("{name: a}")));
    }
    assertThat(judge(Map.of(), pods).orElseThrow().message())
        .isEqualTo(
            "5 pods without a memory limit: shop/a, shop/b, shop/c and 2 more; next to 1"
                + " guaranteed pod");
  }

  @Test
  void whoIsNotSelectedIsNoHazard() {
    assertThat(message(Pods.alone("kube-system", "dns", "containers: [{name: a}]"), GUARANTEED))
        .isNull();
  }

  @Test
  void aPodIsNoNeighbourOfItsOwn() {
    var both = "containers: [{name: a}], priorityClassName: system-cluster-critical";
    assertThat(message(Pods.alone("shop", "agent", both))).isNull();
    assertThat(message(Pods.alone("shop", "agent", both), GUARANTEED))
        .isEqualTo("1 pod without a memory limit: shop/agent; next to 1 guaranteed pod");
  }

  @Test
  void terminatingPodsCountForNeither() {
    var deleted = "deletionTimestamp: '2026-01-01T00:00:00Z'";
    assertThat(message(Pods.read("shop", "x", deleted, "containers: [{name: a}]"), GUARANTEED))
        .isNull();
    assertThat(
            message(
                UNCAPPED, Pods.read("db", "x", deleted, containers(container("a", BOTH, BOTH)))))
        .isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "priorityClassName: system-node-critical",
        "priorityClassName: system-cluster-critical",
        "priority: 2000000000",
      })
  void critical(String priority) {
    assertThat(NeighbourRules.isCritical(Pods.shape(CAPPED + ", " + priority))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"priority: 1999999999", "priorityClassName: system", "priority: -1"})
  void notCritical(String priority) {
    assertThat(NeighbourRules.isCritical(Pods.shape(CAPPED + ", " + priority))).isFalse();
  }

  @Test
  void uncapped() {
    var capped = container("a", "{}", "{memory: 1Gi}");
    assertThat(uncapped(containers("{name: a}"))).isTrue();
    assertThat(uncapped(containers(capped, "{name: b}"))).isTrue();
    assertThat(uncapped(init("{name: i}") + ", " + containers(capped))).isTrue();
    assertThat(uncapped(containers(container("a", "{}", "{memory: '0', cpu: 1}")))).isTrue();
    assertThat(uncapped(containers(capped))).isFalse();
    assertThat(uncapped(containers(capped) + ", ephemeralContainers: [{name: d}]")).isFalse();
    assertThat(uncapped(containers("{name: a}") + ", resources: {limits: {memory: 1Gi}}"))
        .isFalse();
  }

  private static boolean uncapped(String spec) {
    return NeighbourRules.isUncapped(Pods.shape(spec));
  }

  @Test
  void ofTwoOfTheSameSizeTheFirstByName() {
    var other = Pods.alone("shop", "cache-1", containers("{name: a}"));
    var pods = new ArrayList<>(List.of(UNCAPPED, other, GUARANTEED));
    for (int i = 0; i < 2; i++) {
      assertThat(
              judge(Map.of("cache-0", 5 * GIB - 10, "cache-1", 5 * GIB + 10), pods)
                  .orElseThrow()
                  .message())
          .endsWith("the largest, shop/cache-0, uses about 5 GiB");
      assertThat(judge(Map.of("cache-1", 1L), pods).orElseThrow().message())
          .endsWith("the largest, shop/cache-1, uses about 0 MiB");
      assertThat(judge(Map.of(), pods).orElseThrow().message())
          .isEqualTo(
              "2 pods without a memory limit: shop/cache-0, shop/cache-1; next to 1 guaranteed"
                  + " pod");
      Collections.reverse(pods);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0 MiB",
    "1, 0 MiB",
    "104857600, 96 MiB",
    "536870912, 512 MiB",
    "1073741824, 1 GiB",
    "1073741823, 1 GiB",
    "1288490188, 1.25 GiB",
    "5476083302, 5 GiB",
    "5905580032, 6 GiB",
    "8589934592, 8 GiB",
    "12025908428, 12 GiB",
    "1125899906842624, 1048576 GiB",
  })
  void sizes(long bytes, String size) {
    assertThat(NeighbourRules.size(NeighbourRules.step(bytes))).isEqualTo(size);
  }

  @Test
  void smallChangesAreNone() {
    assertThat(NeighbourRules.step(5 * GIB + GIB / 3)).isEqualTo(NeighbourRules.step(5 * GIB));
    assertThat(NeighbourRules.step(5 * GIB + GIB / 2)).isEqualTo(6 * GIB);
  }

  @Test
  void verdict() {
    var policy = Policies.compiled("p", Policies.ALL);
    assertThat(NeighbourRules.verdict(policy, List.of(GUARANTEED), pod -> true, usage(Map.of())))
        .isEqualTo(new NeighbourVerdict("uid-p", 1, null));
    assertThat(
            NeighbourRules.verdict(
                    policy, List.of(GUARANTEED, UNCAPPED), pod -> true, usage(Map.of()))
                .finding()
                .check())
        .isEqualTo(Check.HazardousNeighbours);
  }
}
