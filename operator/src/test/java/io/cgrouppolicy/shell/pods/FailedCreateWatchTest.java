package io.cgrouppolicy.shell.pods;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.check.WorkloadFinding;
import io.cgrouppolicy.core.failedcreate.FailedCreateLog;
import io.cgrouppolicy.core.limits.Child;
import io.cgrouppolicy.core.namespace.NamespacePlanner.Observed;
import io.cgrouppolicy.core.pods.Workload;
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
  private final FailedCreateWatch watch =
      new FailedCreateWatch(null, namespace -> observed, () -> now, new SimpleMeterRegistry());

  FailedCreateWatchTest() {
    watch.addListener(notified::add);
  }

  private static Observed withQuota() {
    var policy = Policies.compiled("p", Policies.BASELINE);
    return new Observed(null, Children.quota(policy, policy), List.of(), false);
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
  void resolvesReplicaSetsToDeploymentsByName() {
    watch.seen(event("e1", "ReplicaSet", "web-7d4b9c6f5d", 0, Child.NAME));
    watch.seen(event("e2", "ReplicaSet", "web-59c8d7b4f", 1, Child.NAME));
    watch.seen(event("e3", "ReplicaSet", "my-alone", 1, Child.NAME));
    watch.seen(event("e4", "Job", "web-7d4b9c6f5d", 1, Child.NAME));
    assertThat(refused())
        .as("once, and sorted")
        .containsExactly("Deployment/web", "Job/web-7d4b9c6f5d", "ReplicaSet/my-alone");
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

  @Test
  void aRejectionEndsWithProgressWithItsOwnerAndWithOurObjects() {
    watch.seen(event("e1", "Job", "j", 10, Child.NAME));
    assertThat(refused()).hasSize(1);
    watch.use(
        (kind, name, uid, namespace) -> new Workload("CronJob", "c", null),
        (namespace, workload, uid, time) -> {
          assertThat(List.of(namespace, uid)).containsExactly(A, "uid-j");
          return !now.isBefore(time);
        });
    now = START.plusSeconds(9);
    assertThat(refused()).containsExactly("CronJob/c");
    now = START.plusSeconds(10);
    assertThat(refused()).isEmpty();

    watch.use((kind, name, uid, namespace) -> null, (namespace, workload, uid, time) -> false);
    assertThat(refused()).as("its owner is gone").isEmpty();

    watch.use(
        (kind, name, uid, in) -> new Workload(kind, name, null),
        (in, workload, uid, time) -> false);
    assertThat(watch.findings(A)).extracting(WorkloadFinding::name).containsExactly("j");
    observed = new Observed(null, null, List.of(), false);
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
    assertThat(EventTime.of(event)).isEqualTo(START.plusSeconds(5));
    event.setEventTime(new MicroTime("2026-06-01T12:00:07.000001Z"));
    assertThat(EventTime.of(event)).isEqualTo("2026-06-01T12:00:07.000001Z");
    assertThat(
            EventTime.of(
                new EventBuilder(event)
                    .withNewSeries()
                    .withLastObservedTime(new MicroTime("2026-06-01T12:00:09.000000Z"))
                    .endSeries()
                    .build()))
        .isEqualTo(START.plusSeconds(9));
    event.setEventTime(null);
    event.setLastTimestamp(null);
    assertThat(EventTime.of(event)).isEqualTo(Instant.EPOCH);
    event.getMetadata().setCreationTimestamp("2026-06-01T12:00:00Z");
    assertThat(EventTime.of(event)).isEqualTo(START);
  }
}
