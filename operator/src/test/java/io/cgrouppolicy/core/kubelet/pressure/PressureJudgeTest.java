package io.cgrouppolicy.core.kubelet.pressure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.cgrouppolicy.api.v1alpha1.NodesSpec.PressureSpec;
import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.Finding;
import io.cgrouppolicy.core.kubelet.Answer;
import io.cgrouppolicy.core.kubelet.Answer.Unusable;
import io.cgrouppolicy.core.kubelet.Answer.Usable;
import io.cgrouppolicy.core.kubelet.MalformedAnswerException;
import io.cgrouppolicy.core.kubelet.pressure.PressureJudge.Circumstances;
import io.cgrouppolicy.core.kubelet.pressure.PressureVerdict.State;
import io.cgrouppolicy.testing.Policies;
import io.cgrouppolicy.testing.kubelet.Recordings;
import io.cgrouppolicy.testing.kubelet.Summary;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PressureJudgeTest {
  private static final String THRESHOLDS =
      "cpu: {some: 40}, memory: {some: 10, full: 1}, io: {full: 10}";
  private static final long GIB = 1L << 30;
  private static final Circumstances NOTHING_KNOWN = new Circumstances(Double.NaN, null);

  private Map<String, Double> told = Map.of();

  private static PressureSpec spec(String thresholds) {
    return Policies.policy("p", "nodes: {selector: {}, pressure: {" + thresholds + "}}")
        .getSpec()
        .nodes()
        .pressure();
  }

  private static Answer<NodeSummary> answer(byte[] body) {
    try {
      return new Usable<>(NodeSummary.parse(body));
    } catch (MalformedAnswerException e) {
      throw new AssertionError(e);
    }
  }

  private static PressureJudgement judge(String thresholds, Summary summary) {
    return judge(thresholds, summary, NOTHING_KNOWN);
  }

  private static PressureJudgement judge(String thresholds, Summary summary, Circumstances known) {
    return PressureJudge.judge(spec(thresholds), answer(summary.bytes()), known, Map.of());
  }

  private static String only(PressureJudgement judgement) {
    assertThat(judgement.findings()).hasSize(1);
    return judgement.findings().getFirst().message();
  }

  private static Circumstances pods(Set<String> withoutMemoryLimit, Set<String> withCpuLimit) {
    return new Circumstances(4, new PodLimits(withoutMemoryLimit, withCpuLimit));
  }

  @Test
  void aQuietNodeIsNormal() {
    assertThat(judge(THRESHOLDS, Summary.quiet()))
        .isEqualTo(new PressureJudgement(State.NORMAL, List.of(), Map.of()));
  }

  @Test
  void theRecordedNodeUnderPressureHasItsPodNamed() {
    var judgement =
        PressureJudge.judge(
            spec(THRESHOLDS),
            answer(Recordings.bytes("stats-summary-pressure.json")),
            pods(Set.of("shop/innocent"), Set.of("bounded/psi")),
            Map.of());
    assertThat(judgement.state()).isEqualTo(State.ABOVE);
    assertThat(judgement.findings())
        .containsExactly(
            Finding.of(
                Check.PressureCpu,
                "some <= 40 %",
                "some 66 %",
                "cpu some 66 % over 60 s (threshold 40 %); most stalled pod bounded/psi (49 %,"
                    + " has a CPU limit); 33 % of the node's CPUs are in use, which points to throttling by CPU"
                    + " limits and not to a lack of CPU"),
            Finding.of(
                Check.PressureMemory,
                "full <= 1 %",
                "full above 1 %",
                "memory full above 1 % over 60 s (threshold 1 %); most stalled pod bounded/psi"
                    + " (1 %, at 100 % of its memory limit); 92 % of the node's memory is"
                    + " available, which points to pods at their own memory limits and not to a"
                    + " lack of memory"));
  }

  @Test
  void eachThresholdIsComparedWithItsOwnAverage() {
    assertThat(judge("cpu: {some: 40}", Summary.quiet().psi("cpu", "some", 50, 41)).state())
        .isEqualTo(State.ABOVE);
    assertThat(judge("memory: {some: 10}", Summary.quiet().psi("memory", "some", 50, 11)).state())
        .isEqualTo(State.ABOVE);
    assertThat(judge("memory: {full: 10}", Summary.quiet().psi("memory", "some", 50, 11)).state())
        .isEqualTo(State.NORMAL);
    assertThat(judge("io: {some: 10}", Summary.quiet().psi("io", "some", 50, 11)).state())
        .isEqualTo(State.ABOVE);
    assertThat(judge("io: {full: 10}", Summary.quiet().psi("io", "full", 50, 11)).state())
        .isEqualTo(State.ABOVE);
    assertThat(judge("cpu: {some: 40}", Summary.quiet().psi("cpu", "full", 90, 90)).state())
        .as("means nothing on a node")
        .isEqualTo(State.NORMAL);
  }

  @Test
  void itIsSustainedAndNotOver() {
    assertThat(judge("io: {full: 10}", Summary.quiet().psi("io", "full", 90, 10)).state())
        .as("a spike")
        .isEqualTo(State.NORMAL);
    assertThat(judge("io: {full: 10}", Summary.quiet().psi("io", "full", 10, 90)).state())
        .as("over")
        .isEqualTo(State.NORMAL);
    assertThat(judge("io: {full: 0}", Summary.quiet().psi("io", "full", 0.1, 0.1)).state())
        .isEqualTo(State.ABOVE);
  }

  @Test
  void bothKindsOfAResourceAreOneFinding() {
    var finding =
        judge(
                "memory: {some: 10.5, full: 1}",
                Summary.quiet().psi("memory", "some", 30, 20).psi("memory", "full", 15, 12.4))
            .findings()
            .getFirst();
    assertThat(finding.expected()).isEqualTo("full <= 1 %, some <= 10.5 %");
    assertThat(finding.actual()).isEqualTo("full 12 %, some 20 %");
    assertThat(finding.message())
        .isEqualTo(
            "memory full 12 % over 60 s (threshold 1 %), some 20 % over 60 s (threshold 10.5 %)");
  }

  @Test
  void memoryPressureNamesThePodsThatNothingBounds() {
    var summary =
        Summary.quiet()
            .psi("memory", "full", 15, 12)
            .pod("shop", "cache-0", (long) (5.1 * GIB))
            .podPsi("cache-0", "memory", "full", 0, 3)
            .pod("shop", "web", 2 * GIB)
            .podPsi("web", "memory", "full", 30, 34)
            .pod("other", "bounded", 9 * GIB)
            .podPsi("bounded", "memory", "full", 30, 34);
    assertThat(
            only(
                judge(
                    THRESHOLDS,
                    summary,
                    pods(Set.of("shop/cache-0", "shop/web", "not/told"), Set.of()))))
        .isEqualTo(
            "memory full 12 % over 60 s (threshold 1 %); 3 pods without a memory limit, largest"
                + " shop/cache-0 at 5.1 GiB; most stalled pods other/bounded (34 %), shop/web (34"
                + " %)");
    assertThat(only(judge(THRESHOLDS, summary, pods(Set.of("shop/web"), Set.of()))))
        .contains("; 1 pod without a memory limit, shop/web at 2.0 GiB; ");
    assertThat(only(judge(THRESHOLDS, summary, pods(Set.of("not/told"), Set.of()))))
        .contains("; 1 pod without a memory limit: not/told; ");
    var bare = Set.of("n/e", "n/d", "n/c", "n/b", "n/a");
    assertThat(only(judge(THRESHOLDS, summary, pods(bare, Set.of()))))
        .contains("; 5 pods without a memory limit: n/a, n/b, n/c and 2 more; ");
    assertThat(only(judge(THRESHOLDS, summary, pods(Set.of(), Set.of()))))
        .contains("; all pods have memory limits; ");
    assertThat(only(judge(THRESHOLDS, summary))).as("not known").doesNotContain("limit;");
  }

  /// A pod that thrashes at its own limit stalls, whatever the node has to spare; pods without a
  /// limit have nothing to do with it.
  @Test
  void memoryPressureDiffersFromReclaimAtAPodsOwnLimit() {
    var summary =
        Summary.quiet()
            .psi("memory", "full", 15, 12)
            .pod("shop", "thrashes", GIB / 4)
            .podLimit("thrashes", GIB / 2, GIB / 2)
            .podPsi("thrashes", "memory", "full", 30, 34)
            .pod("shop", "innocent", GIB);
    var limits = pods(Set.of("shop/innocent"), Set.of());
    assertThat(only(judge(THRESHOLDS, summary.availableMemory(60), limits)))
        .isEqualTo(
            "memory full 12 % over 60 s (threshold 1 %); most stalled pod shop/thrashes (34 %, at"
                + " 100 % of its memory limit); 60 % of the node's memory is available, which"
                + " points to pods at their own memory limits and not to a lack of memory");
    assertThat(only(judge(THRESHOLDS, summary.availableMemory(20), limits)))
        .contains("; 1 pod without a memory limit, shop/innocent at 1.0 GiB; ")
        .endsWith(
            "; 20 % of the node's memory is available: pods at their own limits and a lack of"
                + " memory cannot be distinguished");
    assertThat(only(judge(THRESHOLDS, summary.availableMemory(4), limits)))
        .contains("; 1 pod without a memory limit, shop/innocent at 1.0 GiB; ")
        .endsWith("; 4 % of the node's memory is available: it is short of memory");
    assertThat(
            only(
                judge(
                    THRESHOLDS,
                    Summary.quiet().psi("memory", "full", 15, 12).availableMemory(90),
                    limits)))
        .endsWith(
            "; 90 % of the node's memory is available, and no pod has a memory limit of its own");
  }

  @Test
  void throttlingIsBlamedOnlyWhereAPodHasACpuLimit() {
    var busy = Summary.quiet().psi("cpu", "some", 50, 50).cpusInUse(1);
    assertThat(only(judge(THRESHOLDS, busy, pods(Set.of(), Set.of()))))
        .endsWith("; 25 % of the node's CPUs are in use, and no pod has a CPU limit");
    assertThat(only(judge(THRESHOLDS, busy, new Circumstances(4, null))))
        .as("the pods are not known")
        .endsWith(
            "; 25 % of the node's CPUs are in use: whether CPU limits throttle its pods is not known");
    assertThat(only(judge(THRESHOLDS, busy.drained(), new Circumstances(4, null))))
        .endsWith("; 25 % of the node's CPUs are in use, and no pod has a CPU limit");
    assertThat(only(judge(THRESHOLDS, busy, NOTHING_KNOWN))).endsWith("; no pod has a CPU limit");
  }

  @Test
  void cpuPressureDiffersFromThrottlingIfKnown() {
    var summary =
        Summary.quiet()
            .psi("cpu", "some", 50, 50)
            .pod("n", "capped", 1)
            .podPsi("capped", "cpu", "some", 60, 60)
            .pod("n", "free", 1)
            .podPsi("free", "cpu", "some", 30, 30);
    var limits = pods(Set.of(), Set.of("n/capped"));
    assertThat(only(judge(THRESHOLDS, summary.cpusInUse(1), limits)))
        .contains("most stalled pods n/capped (60 %, has a CPU limit), n/free (30 %, no CPU limit)")
        .endsWith(
            "; 25 % of the node's CPUs are in use, which points to throttling by CPU limits"
                + " and not to a lack of CPU");
    assertThat(only(judge(THRESHOLDS, summary.cpusInUse(3.2), limits)))
        .endsWith(
            "; 80 % of the node's CPUs are in use: throttling by CPU limits and a lack of"
                + " CPU cannot be distinguished");
    assertThat(only(judge(THRESHOLDS, summary.cpusInUse(4.1), limits)))
        .endsWith("; 100 % of the node's CPUs are in use: it is short of CPU");
    assertThat(only(judge(THRESHOLDS, summary)))
        .endsWith("; throttling by CPU limits counts too, and cannot be distinguished here");
  }

  @Test
  void missingFiguresAreNotNormal() {
    assertThat(judge(THRESHOLDS, Summary.quiet().off()).state()).isEqualTo(State.UNAVAILABLE);
    assertThat(judge(THRESHOLDS, Summary.quiet().off()).findings())
        .extracting(Finding::check, Finding::actual)
        .containsExactly(tuple(Check.PressureUnavailable, "PsiOff"));
    assertThat(only(judge(THRESHOLDS, Summary.quiet().withoutPsi())))
        .contains("does not report cpu some, memory full, memory some, io full pressure");
    assertThat(only(judge("io: {some: 1}", Summary.quiet().without("io"))))
        .contains("does not report io some pressure");
    assertThat(judge("memory: {some: 1}", Summary.quiet().without("io")).state())
        .as("nothing is asked of it")
        .isEqualTo(State.NORMAL);
    var silent =
        PressureJudge.judge(
            spec(THRESHOLDS),
            new Unusable<>(Check.KubeletUnreachable, "Timeout", "took long"),
            NOTHING_KNOWN,
            Map.of());
    assertThat(silent.state()).isEqualTo(State.UNAVAILABLE);
    assertThat(silent.findings())
        .containsExactly(
            Finding.of(Check.PressureUnavailable, "pressure figures", "Timeout", "took long"));
  }

  @Test
  void knownPressureIsReportedNextToMissingFigures() {
    var judgement = judge(THRESHOLDS, Summary.quiet().without("io").psi("memory", "full", 20, 20));
    assertThat(judgement.state()).isEqualTo(State.ABOVE);
    assertThat(judgement.findings())
        .extracting(Finding::check)
        .containsExactly(Check.PressureMemory, Check.PressureUnavailable);
  }

  private String actual(double avg60) {
    var judgement =
        PressureJudge.judge(
            spec("memory: {full: 1}"),
            answer(Summary.quiet().psi("memory", "full", 50, avg60).bytes()),
            NOTHING_KNOWN,
            told);
    told = judgement.reported();
    return judgement.findings().getFirst().actual();
  }

  /// A status that followed each figure would be written with each look at each node.
  @Test
  void aReportedFigureStaysUntilItIsATenthAway() {
    assertThat(actual(12.4)).isEqualTo("full 12 %");
    assertThat(actual(12.6)).as("not to and fro around a half").isEqualTo("full 12 %");
    assertThat(actual(11.3)).isEqualTo("full 12 %");
    assertThat(actual(13.9)).isEqualTo("full 14 %");
    assertThat(actual(50)).isEqualTo("full 50 %");
    assertThat(actual(54.9)).isEqualTo("full 50 %");
    assertThat(actual(44.9)).isEqualTo("full 45 %");
  }

  @Test
  void theOrderOfPodsStaysUntilReportedFiguresChange() {
    var limits = pods(Set.of("n/a", "n/b"), Set.of());
    var first = at(limits, 5.3, 5.2, 30, 29);
    assertThat(first).contains("largest n/a at 5.3 GiB; most stalled pods n/a (30 %), n/b (29 %)");
    assertThat(at(limits, 5.2, 5.3, 29, 30)).isEqualTo(first);
    assertThat(at(limits, 5.2, 6, 29, 40))
        .contains("largest n/b at 6.0 GiB; most stalled pods n/b");
  }

  private String at(Circumstances known, double gibA, double gibB, double psiA, double psiB) {
    var judgement =
        PressureJudge.judge(
            spec("memory: {full: 1}"),
            answer(
                Summary.quiet()
                    .psi("memory", "full", 50, 40)
                    .pod("n", "a", (long) (gibA * GIB))
                    .podPsi("a", "memory", "full", 10, psiA)
                    .pod("n", "b", (long) (gibB * GIB))
                    .podPsi("b", "memory", "full", 10, psiB)
                    .bytes()),
            known,
            told);
    told = judgement.reported();
    return only(judgement);
  }
}
