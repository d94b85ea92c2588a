package io.cgrouppolicy.core.namespace;

import static io.cgrouppolicy.testing.Policies.BASELINE;
import static io.cgrouppolicy.testing.Policies.compiled;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.Finding;
import io.cgrouppolicy.core.check.WorkloadFinding;
import io.cgrouppolicy.core.namespace.RejectionEvents.Notice;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RejectionEventsTest {
  private static final CompiledPolicy P =
      compiled("p", BASELINE + ", contact: '#platform', documentation: 'https://example.com/p'");
  private static final String ABOVE =
      "pods are rejected: maximum memory usage per Container is 512Mi, but limit is 1Gi"
          + " (container main)";

  /// The ids of the events in the cluster; the API server refuses a second one.
  private final Set<String> stored = new HashSet<>();

  private final List<Notice> sent = new ArrayList<>();
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private ReportedFindings reported;
  private boolean busy;
  private boolean open;

  private boolean report(CompiledPolicy policy, WorkloadFinding... findings) {
    var result =
        RejectionEvents.report(
            policy, "team-a", List.of(findings), found -> open, reported, now, this::send);
    reported = result.reported();
    return result.complete();
  }

  private boolean send(Notice notice) {
    if (!busy && stored.add(notice.id())) {
      sent.add(notice);
    }
    return !busy;
  }

  private static WorkloadFinding rejected(String uid, String message) {
    return found(Check.RejectedByPolicy, "Deployment", uid, message);
  }

  private static WorkloadFinding found(Check check, String kind, String uid, String message) {
    return new WorkloadFinding(
        kind, "hog", "apps/v1", uid, Finding.of(check, "admitted", "rejected", message));
  }

  @Test
  void saysWhatIsRejectedByWhatAndWhatToDo() {
    report(P, rejected("u", ABOVE));
    assertThat(sent)
        .singleElement()
        .satisfies(
            notice -> {
              assertThat(notice.about().uid()).isEqualTo("u");
              assertThat(notice.reason()).isEqualTo("RejectedByPolicy");
              assertThat(notice.note())
                  .isEqualTo(
                      "policy p: Deployment hog: "
                          + ABOVE
                          + "; set by LimitRange cgroup-policy. Change these resources, or ask #platform"
                          + " to change the policy; see https://example.com/p");
            });
    report(
        compiled("q", BASELINE),
        rejected(
            "u", "pods are rejected: failed quota: cgroup-policy: must specify cpu for: main"));
    assertThat(sent.getLast().note())
        .endsWith(
            "for: main. Set these resources, or ask a cluster administrator to change the policy.");
    report(P, rejected("u", "x".repeat(2000)));
    assertThat(sent.getLast().note()).hasSizeLessThan(1024).endsWith("https://example.com/p");
  }

  @Test
  void eachCauseIsReportedOnceForAsLongAsItHolds() {
    report(P, rejected("u", ABOVE));
    now = now.plus(Duration.ofDays(1));
    report(P, rejected("u", ABOVE));
    assertThat(sent).hasSize(1);
    report(P, rejected("u", ABOVE.replace("1Gi", "2Gi")));
    assertThat(sent).as("the limit was changed, to one that is still too high").hasSize(2);
    report(P, rejected("v", ABOVE));
    assertThat(sent).as("another Deployment of the name").hasSize(3);
    report(compiled("q", BASELINE), rejected("v", ABOVE));
    assertThat(sent).as("another policy").hasSize(4);
  }

  @Test
  void figuresThatChangeAreNoOtherCause() {
    var full = "pods are rejected: exceeded quota: q, requested: pods=1, used: pods=2, limited: ";
    report(P, rejected("u", full + "pods=2"));
    report(P, rejected("u", full.replace("used: pods=2", "used: pods=3") + "pods=2"));
    assertThat(sent).hasSize(1);
    report(P, rejected("u", full + "pods=5"));
    assertThat(sent).as("the quota was changed").hasSize(2);

    var preview = "team-a/hog: %s, would be rejected when next created: container main: max";
    report(P, found(Check.WouldReject, "Deployment", "u", preview.formatted("1 pod")));
    report(P, found(Check.WouldReject, "Deployment", "u", preview.formatted("12 pods")));
    assertThat(sent).hasSize(3);
    assertThat(sent.getLast().note()).startsWith("policy p: Deployment team-a/hog: 1 pod, would");
  }

  /// By the id, which the API server knows: the new process remembers nothing.
  @Test
  void aRestartRepeatsNothing() {
    report(P, rejected("u", ABOVE));
    reported = null;
    report(P, rejected("u", ABOVE));
    assertThat(sent).hasSize(1);
    report(P, rejected("u", ABOVE));
    assertThat(sent).hasSize(1);
  }

  @Test
  void whatComesBackIsReportedAgainButNotWhatFlaps() {
    report(P, rejected("u", ABOVE));
    for (int i = 0; i < 9; i++) {
      now = now.plusSeconds(60);
      report(P);
      report(P, rejected("u", ABOVE));
    }
    assertThat(sent).hasSize(1);
    report(P);
    now = now.plus(RejectionEvents.QUIET);
    report(P, rejected("u", ABOVE));
    assertThat(sent).as("although the first event is still stored").hasSize(2);
    report(P);
    now = now.plus(RejectionEvents.EVENT_LIFE);
    report(P);
    assertThat(reported.rejections()).as("nothing is remembered for ever").isEmpty();
  }

  @Test
  void waitsForTheOwnerThatTheEventRegards() {
    open = true;
    assertThat(report(P, found(Check.WouldReject, "ReplicaSet", "u", ABOVE))).isTrue();
    open = false;
    report(P, rejected(null, ABOVE));
    assertThat(sent).isEmpty();
    report(P, rejected("u", ABOVE));
    open = true; // the lookup of the owner is due again
    report(P, rejected("u", ABOVE));
    open = false;
    report(P, rejected("u", ABOVE));
    assertThat(sent).hasSize(1);
  }

  @Test
  void triesAgainWhatCouldNotBeSent() {
    busy = true;
    assertThat(report(P, rejected("u", ABOVE))).isFalse();
    busy = false;
    assertThat(report(P, rejected("u", ABOVE))).isTrue();
    assertThat(sent).hasSize(1);
  }

  @Test
  void aPolicyThatNoLongerAuditsReportsOnTheWorkload() {
    var found = found(Check.WouldReject, "Deployment", "u", "team-a/hog: 1 pod, would");
    report(compiled("p", BASELINE.replace("Enforce", "Audit")), found);
    report(P, found);
    assertThat(sent).hasSize(2);
    assertThat(sent.getLast().about()).isEqualTo(found);
  }

  @Test
  void aPolicyThatAuditsLeavesWorkloadsAlone() {
    var audit = compiled("p", BASELINE.replace("Enforce", "Audit"));
    report(audit, found(Check.WouldReject, "Deployment", "u", "team-a/hog: 1 pod, would"));
    assertThat(sent).singleElement().satisfies(notice -> assertThat(notice.about()).isNull());
    report(P, found(Check.WouldReject, "Namespace", null, "the quota is below current usage"));
    assertThat(sent.getLast().about()).isNull();
    assertThat(sent.getLast().note()).startsWith("policy p: the quota is below");
    report(P, found(Check.MemoryLimitMissing, "Deployment", "u", "no limit"));
    assertThat(sent).as("only what is rejected").hasSize(2);
  }
}
