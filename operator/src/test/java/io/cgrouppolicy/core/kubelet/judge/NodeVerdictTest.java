package io.cgrouppolicy.core.kubelet.judge;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.Finding;
import io.cgrouppolicy.core.kubelet.Answer.Unusable;
import io.cgrouppolicy.core.kubelet.LastAnswer;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class NodeVerdictTest {
  private static final Instant LONG_AGO = Instant.parse("2026-01-01T00:00:00Z");

  private static Finding finding(Check check) {
    return Finding.of(check, "this", "that", "it is not this");
  }

  private static NodeVerdict answered(Check... found) {
    var findings = Stream.of(found).map(NodeVerdictTest::finding).toList();
    return new NodeVerdict("p", 1, new NodeJudgement(null, findings, List.of(), List.of()), null);
  }

  private static NodeVerdict unanswered(Check check, Instant lastAnswer) {
    var why = new Unusable<>(check, "Timeout", "5 s");
    var judgement = new NodeJudgement(why, List.of(finding(check)), List.of(), List.of());
    return new NodeVerdict(
        "p", 1, judgement, lastAnswer == null ? null : new LastAnswer(lastAnswer, ""));
  }

  private static List<Check> news(NodeVerdict before, NodeVerdict now) {
    return now.news(before).stream().map(Finding::check).toList();
  }

  @Test
  void findingsOfTheFirstVerdictAreNoNews() {
    assertThat(news(null, answered(Check.KubeletPodPidsLimit))).isEmpty();
    assertThat(news(null, unanswered(Check.KubeletUnreachable, null))).isEmpty();
    assertThat(
            news(
                unanswered(Check.KubeletUnreachable, null),
                answered(Check.KubeletPodPidsLimit, Check.KubeletConfig)))
        .as("its kubelet has not answered before")
        .isEmpty();
  }

  @Test
  void newFindingsAreNews() {
    assertThat(
            news(
                answered(Check.KubeletPodPidsLimit),
                answered(Check.KubeletPodPidsLimit, Check.KubeletConfig)))
        .containsExactly(Check.KubeletConfig);
    assertThat(news(answered(), unanswered(Check.KubeletUnreachable, LONG_AGO)))
        .containsExactly(Check.KubeletUnreachable);
    assertThat(
            news(
                unanswered(Check.KubeletUnreachable, LONG_AGO),
                answered(Check.KubeletPodPidsLimit)))
        .as("it has answered before that")
        .containsExactly(Check.KubeletPodPidsLimit);
    assertThat(
            news(
                unanswered(Check.KubeletUnreachable, null),
                unanswered(Check.KubeletUnauthorized, null)))
        .as("it does not answer for another reason")
        .containsExactly(Check.KubeletUnauthorized);
  }

  @Test
  void findingsOfAPolicyChangeAreNoNews() {
    var now = answered(Check.KubeletPodPidsLimit);
    var other = new NodeVerdict("p", 2, now.judgement(), null);
    var another = new NodeVerdict("q", 1, now.judgement(), null);
    assertThat(news(answered(), other)).isEmpty();
    assertThat(news(answered(), another)).isEmpty();
  }
}
