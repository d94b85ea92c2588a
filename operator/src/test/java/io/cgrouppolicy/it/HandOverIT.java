package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.SharedOperator;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Namespaces move between policies in place: they always have limits.
class HandOverIT {
  @BeforeAll
  static void startOperator() {
    SharedOperator.get();
  }

  @RegisterExtension final Fixture fixture = new Fixture();

  @Test
  void handsOverInPlace() {
    var namespace = fixture.namespace("a");
    fixture.policy("low", "mode: Enforce; priority: 1", 128);
    eventually(() -> assertThat(fixture.memory(namespace)).isEqualTo("128Mi"));
    var uid = fixture.limitRange(namespace).getMetadata().getUid();

    fixture.policy("high", "mode: Enforce; priority: 2", 256);
    eventually(
        () -> {
          assertThat(fixture.memory(namespace)).isEqualTo("256Mi");
          assertThat(fixture.status("high", "Compliant")).isEqualTo("True Compliant");
          assertThat(fixture.get("low").getStatus().namespaces().selected()).isZero();
        });
    // Deletes the governing policy: the garbage collector keeps the object for the next owner.
    fixture.delete("high");
    eventually(() -> assertThat(fixture.memory(namespace)).isEqualTo("128Mi"));
    eventually(
        () ->
            assertThat(fixture.limitRange(namespace).getMetadata().getOwnerReferences())
                .hasSize(1));
    assertThat(fixture.limitRange(namespace).getMetadata().getUid()).isEqualTo(uid);
  }

  /// An apply alone would keep the owner, because the object was created with it.
  @Test
  void aPolicyThatNoLongerEnforcesIsNoLongerAnOwner() {
    fixture.policy("low", "mode: Enforce; priority: 1", 128);
    fixture.policy("high", "mode: Enforce; priority: 2", 256);
    eventually(() -> assertThat(fixture.status("high", "Ready")).isEqualTo("True Enforced"));
    eventually(() -> assertThat(fixture.status("low", "Ready")).isEqualTo("True Enforced"));
    var namespace = fixture.namespace("a");
    eventually(() -> assertThat(owners(namespace)).hasSize(4));

    fixture.policy("low", "mode: Audit; priority: 1", 128);
    eventually(() -> assertThat(owners(namespace)).hasSize(2).containsOnly(fixture.id + "-high"));
    eventually(() -> assertThat(fixture.status("high", "Compliant")).isEqualTo("True Compliant"));
    assertThat(fixture.memory(namespace)).isEqualTo("256Mi");
  }

  private List<String> owners(String namespace) {
    return Stream.of(fixture.limitRange(namespace), fixture.quota(namespace))
        .filter(Objects::nonNull)
        .flatMap(object -> object.getMetadata().getOwnerReferences().stream())
        .map(OwnerReference::getName)
        .toList();
  }

  /// A watch from before the changes sees only modifications of the object.
  @Test
  void aChangeOfPriorityHandsOverBothWays() {
    var namespace = fixture.namespace("a");
    fixture.policy("one", "mode: Enforce; priority: 1", 128);
    fixture.policy("two", "mode: Enforce; priority: 2", 256);
    eventually(() -> assertThat(fixture.status("two", "Compliant")).isEqualTo("True Compliant"));
    eventually(() -> assertThat(fixture.memory(namespace)).isEqualTo("256Mi"));
    var before = fixture.limitRange(namespace).getMetadata();
    var seen = new Recorder();
    var from = new ListOptionsBuilder().withResourceVersion(before.getResourceVersion()).build();
    try (var watch = fixture.client.limitRanges().inNamespace(namespace).watch(from, seen)) {
      fixture.policy("one", "mode: Enforce; priority: 3", 128);
      eventually(() -> assertThat(seen.memory).last().isEqualTo("128Mi"));
      eventually(
          () -> {
            assertThat(fixture.get("one").getStatus().namespaces().summary()).isEqualTo("1/1");
            assertThat(fixture.get("two").getStatus().namespaces().selected()).isZero();
          });
      fixture.policy("one", "mode: Enforce; priority: 1", 128);
      eventually(() -> assertThat(seen.memory).last().isEqualTo("256Mi"));
    }
    assertThat(seen.actions).containsOnly(Watcher.Action.MODIFIED);
    assertThat(fixture.limitRange(namespace).getMetadata().getUid()).isEqualTo(before.getUid());
  }

  private static final class Recorder implements Watcher<LimitRange> {
    final List<Action> actions = new CopyOnWriteArrayList<>();
    final List<String> memory = new CopyOnWriteArrayList<>();

    @Override
    public void eventReceived(Action action, LimitRange limitRange) {
      actions.add(action);
      memory.add(limitRange.getSpec().getLimits().getFirst().getDefault().get("memory").toString());
    }

    @Override
    public void onClose(WatcherException e) {
      throw new IllegalStateException(e);
    }
  }
}
