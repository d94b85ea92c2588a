package io.cgrouppolicy.shell.pods;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.check.WorkloadFinding;
import io.cgrouppolicy.core.failedcreate.FailedCreateLog;
import io.cgrouppolicy.core.limits.Child;
import io.cgrouppolicy.core.namespace.Observed;
import io.cgrouppolicy.core.pods.Workload;
import io.cgrouppolicy.shell.pods.FailedCreateWatch.Owners;
import io.cgrouppolicy.shell.pods.FailedCreateWatch.Progress;
import io.cgrouppolicy.testing.Children;
import io.cgrouppolicy.testing.Policies;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.MicroTime;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FailedCreateWatchTest {
  private static final Instant START = Instant.parse("2026-06-01T12:00:00Z");
  private static final String A = Children.NAMESPACE;

  private Observed observed = withQuota();
  private Instant now = START;
  private final List<String> notified = new ArrayList<>();
  private Owners owners = (kind, name, uid, namespace) -> new Workload(kind, name, null);
  private Progress progress = (namespace, workload, uid, time) -> false;
  private final FailedCreateWatch watch =
      new FailedCreateWatch(
          null,
          namespace -> observed,
          (kind, name, uid, namespace) -> owners.of(kind, name, uid, namespace),
          (namespace, workload, uid, time) -> progress.createdSince(namespace, workload, uid, time),
          () -> now,
          new SimpleMeterRegistry());

  FailedCreateWatchTest() {
    watch.onChange(notified::add);
  }

  private static Observed withQuota() {
    var policy = Policies.compiled("p", Policies.BASELINE);
    return Children.observed(null, Children.quota(policy, policy), List.of(), false);
  }

  private static Event event(String name, String kind, String of, int second, String quota) {
    return new EventBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace(A)
        .endMetadata()
        .withNewInvolvedObject()
        .withKind(kind)
        .withName(of)
        .withUid("uid-" + of)
        .endInvolvedObject()
        .withLastTimestamp(START.plusSeconds(second).toString())
        .withMessage(
            "Error creating: pods \"%s-%d\" is forbidden: failed quota: %s: must specify limits.cpu for: c"
                .formatted(of, second, quota))
        .build();
  }

  private List<String> refused() {
    return watch.findings(A).stream().map(f -> f.kind() + "/" + f.name()).toList();
  }

  @Test
  void reportsAWorkloadOnceAndSorted() {
    owners =
        (kind, name, uid, namespace) ->
            name.startsWith("web-")
                ? new Workload(kind.equals("Job") ? kind : "Deployment", "web", null)
                : new Workload(kind, name, null);
    watch.seen(event("e1", "ReplicaSet", "web-7d4b9c6f5d", 0, Child.NAME));
    watch.seen(event("e2", "ReplicaSet", "web-59c8d7b4f", 1, Child.NAME));
    watch.seen(event("e3", "ReplicaSet", "my-alone", 1, Child.NAME));
    watch.seen(event("e4", "Job", "web-1", 1, Child.NAME));
    assertThat(refused()).containsExactly("Deployment/web", "Job/web", "ReplicaSet/my-alone");
  }

  @Test
  void notifiesOnlyOfChanges() {
    watch.seen(event("e1", "Job", "j", 0, Child.NAME));
    watch.seen(event("e2", "Job", "j", 1, Child.NAME));
    watch.seen(event("e3", "Job", "j", 2, Child.NAME));
    assertThat(notified).containsExactly(A);
    watch.gone(event("e1", "Job", "j", 0, Child.NAME));
    assertThat(notified).hasSize(1);
    watch.gone(event("e3", "Job", "j", 2, Child.NAME));
    assertThat(notified).hasSize(2);
    assertThat(refused()).isEmpty();
  }

  /// A DaemonSet of which some pods were created in the second in which others were rejected.
  @Test
  void notifiesOfARepetitionAfterProgress() {
    progress = (namespace, workload, uid, time) -> !time.isAfter(START);
    watch.seen(event("e1", "DaemonSet", "d", 0, Child.NAME));
    assertThat(refused()).isEmpty();
    watch.seen(event("e1", "DaemonSet", "d", 1, Child.NAME));
    assertThat(notified).containsExactly(A, A);
    assertThat(refused()).containsExactly("DaemonSet/d");
    watch.seen(event("e1", "DaemonSet", "d", 2, Child.NAME));
    assertThat(notified).hasSize(2);
  }

  @Test
  void aRejectionEndsWithProgressWithItsOwnerAndWithOurObjects() {
    watch.seen(event("e1", "Job", "j", 10, Child.NAME));
    assertThat(refused()).hasSize(1);
    owners = (kind, name, uid, namespace) -> new Workload("CronJob", "c", null);
    progress =
        (namespace, workload, uid, time) -> {
          assertThat(List.of(namespace, uid)).containsExactly(A, "uid-j");
          return !now.isBefore(time);
        };
    now = START.plusSeconds(9);
    assertThat(refused()).containsExactly("CronJob/c");
    now = START.plusSeconds(10);
    assertThat(refused()).isEmpty();

    owners = (kind, name, uid, namespace) -> null;
    progress = (namespace, workload, uid, time) -> false;
    assertThat(refused()).as("its owner is gone").isEmpty();

    owners = (kind, name, uid, namespace) -> new Workload(kind, name, null);
    assertThat(watch.findings(A)).extracting(WorkloadFinding::name).containsExactly("j");
    observed = Children.observed(null, null, List.of(), false);
    assertThat(refused()).as("our quota is gone").isEmpty();
  }

  @Test
  void aRejectionEndsWhenItIsNotRepeated() {
    watch.seen(event("e1", "Job", "j", 0, Child.NAME));
    now = START.plus(FailedCreateLog.LIFE);
    watch.expire();
    assertThat(refused()).hasSize(1);
    now = now.plusSeconds(1);
    watch.expire();
    assertThat(refused()).isEmpty();
    assertThat(notified).as("seen, reviewed again, expired").hasSize(3);
    watch.expire();
    assertThat(notified).as("nothing is left to review").hasSize(3);
    watch.seen(event("e1", "Job", "j", 0, Child.NAME));
    assertThat(refused()).as("as an operator that starts would list it").isEmpty();
  }

  @Test
  void anEventWithANewMessageNoLongerCounts() {
    var event = event("e1", "Job", "j", 0, Child.NAME);
    watch.seen(event);
    event.setMessage("Error creating: timeout");
    watch.seen(event);
    assertThat(refused()).isEmpty();
    assertThat(notified).hasSize(2);
  }

  @Test
  void theTimeOfAnEventIsItsLastOccurrence() {
    var event = event("e", "Job", "j", 5, Child.NAME);
    assertThat(FailedCreateWatch.time(event)).isEqualTo(START.plusSeconds(5));
    event.setEventTime(new MicroTime("2026-06-01T12:00:07.000001Z"));
    assertThat(FailedCreateWatch.time(event)).isEqualTo("2026-06-01T12:00:07.000001Z");
    assertThat(
            FailedCreateWatch.time(
                new EventBuilder(event)
                    .withNewSeries()
                    .withLastObservedTime(new MicroTime("2026-06-01T12:00:09.000000Z"))
                    .endSeries()
                    .build()))
        .isEqualTo(START.plusSeconds(9));
    event.setEventTime(null);
    event.setLastTimestamp(null);
    assertThat(FailedCreateWatch.time(event)).isEqualTo(Instant.EPOCH);
    event.getMetadata().setCreationTimestamp("2026-06-01T12:00:00Z");
    assertThat(FailedCreateWatch.time(event)).isEqualTo(START);
  }
}
