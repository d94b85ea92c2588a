package io.cgrouppolicy.core.status;

import static java.util.Comparator.comparing;
import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.Violation;
import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.Finding;
import io.cgrouppolicy.fuzz.PlainText;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class ViolationsTest {
  private final Violations violations = Violations.sampled();

  private static void add(Violations to, Check check, String namespace, int n) {
    for (int i = 0; i < n; i++) {
      to.add("Deployment", namespace, "d%03d".formatted(i), Finding.of(check, "e", "a", "m"));
    }
  }

  private Map<String, Long> listedBy(Function<Violation, String> key) {
    return violations.listed().stream().collect(groupingBy(key, counting()));
  }

  @Test
  void withoutViolationsThereAreNoCounts() {
    assertThat(violations.count()).isZero();
    assertThat(violations.byCheck()).isNull();
    assertThat(violations.summary()).isEqualTo("no violations");
    assertThat(violations.listed()).isEmpty();
  }

  @Test
  void theSummaryCountsByMostSevereFirst() {
    add(violations, Check.RequestMissing, "a", 2);
    add(violations, Check.MemoryLimitMissing, "a", 3);
    add(violations, Check.WouldReject, "a", 1);
    assertThat(violations.summary()).isEqualTo("6 violations: 1 critical, 3 high, 2 low");
  }

  @Test
  void oneCheckHidesNoOther() {
    add(violations, Check.MemoryLimitMissing, "a", 131);
    add(violations, Check.CpuLimitMissing, "a", 131);
    add(violations, Check.WouldReject, "a", 131);
    add(violations, Check.BestEffortPod, "a", 3);
    assertThat(violations.count()).isEqualTo(396);
    assertThat(violations.byCheck())
        .isEqualTo(
            Map.of(
                "BestEffortPod", 3,
                "CpuLimitMissing", 131,
                "MemoryLimitMissing", 131,
                "WouldReject", 131));
    assertThat(listedBy(Violation::check))
        .as("a hundred, and the odd place goes to the most severe")
        .isEqualTo(
            Map.of(
                "WouldReject", 33L,
                "MemoryLimitMissing", 32L,
                "BestEffortPod", 3L,
                "CpuLimitMissing", 32L));
    assertThat(violations.listed())
        .extracting(Violation::severity)
        .startsWith("Critical")
        .endsWith("Low")
        .isSortedAccordingTo(comparing(List.of("Critical", "High", "Medium", "Low")::indexOf));
  }

  @Test
  void oneNamespaceHidesNoOther() {
    add(violations, Check.MemoryLimitMissing, "big", 500);
    add(violations, Check.MemoryLimitMissing, "medium", 40);
    add(violations, Check.MemoryLimitMissing, "small", 2);
    assertThat(listedBy(Violation::namespace))
        .isEqualTo(Map.of("big", 58L, "medium", 40L, "small", 2L));
  }

  @Test
  void ofMoreNamespacesThanPlacesTheFirstAreListed() {
    for (int i = 0; i < 300; i++) {
      add(violations, Check.MemoryLimitMissing, "n%03d".formatted(i), 2);
    }
    assertThat(violations.listed()).hasSize(100);
    assertThat(violations.listed().getFirst().namespace()).isEqualTo("n000");
    assertThat(violations.listed().getLast().namespace()).isEqualTo("n099");
  }

  @Test
  void allAreListedWhereThereIsRoom() {
    add(violations, Check.MemoryLimitMissing, "b", 60);
    add(violations, Check.MemoryLimitMissing, "a", 39);
    violations.add("Node", "n", Finding.of(Check.PressureIo, "e", "a", "m"));
    assertThat(violations.listed()).hasSize(100);
    assertThat(violations.listed().getFirst().namespace()).isEqualTo("a");
    assertThat(violations.listed().getLast().kind()).isEqualTo("Node");
  }

  @Test
  void theOrderInWhichNamespacesAreSeenChangesNothing() {
    var random = new Random(7);
    List<List<Violation>> lists = new ArrayList<>();
    for (int round = 0; round < 5; round++) {
      var shuffled = new ArrayList<>(List.of("a", "b", "c", "d", "e"));
      Collections.shuffle(shuffled, random);
      var seen = Violations.sampled();
      for (var namespace : shuffled) {
        add(seen, Check.MemoryLimitMissing, namespace, 37);
        add(seen, Check.WouldReject, namespace, 11);
      }
      lists.add(seen.listed());
    }
    assertThat(lists).hasSize(5).allMatch(lists.getFirst()::equals);
  }

  @Test
  void longTextsMakeTheSampleSmallerAndFair() {
    for (int i = 0; i < 300; i++) {
      for (var check : List.of(Check.MemoryLimitMissing, Check.CpuLimitMissing)) {
        violations.add(
            "Deployment",
            "n%03d".formatted(i),
            "d",
            Finding.of(check, "é\n".repeat(5000), "\u001b[2J".repeat(5000), "😀".repeat(50_000)));
      }
    }
    assertThat(violations.count()).isEqualTo(600);
    assertThat(Serialization.asJson(violations.listed())).hasSizeLessThan(48 << 10);
    var byCheck = listedBy(Violation::check);
    assertThat(byCheck.get("CpuLimitMissing"))
        .isBetween(5L, 50L)
        .isCloseTo(byCheck.get("MemoryLimitMissing"), within(1L));
    assertThat(violations.listed())
        .allSatisfy(
            violation -> {
              PlainText.check(violation.expected());
              PlainText.check(violation.actual());
              PlainText.check(violation.message());
            });
  }
}
