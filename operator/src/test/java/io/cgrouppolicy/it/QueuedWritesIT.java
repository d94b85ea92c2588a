package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.OperatorProcess;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// While a policy change is written to many namespaces, the rest does not wait.
class QueuedWritesIT {
  private static final int NAMESPACES = 300;

  /// So that the writes come one after the other and take some time.
  private static final Map<String, String> TWO_THREADS =
      Map.of("QUARKUS_OPERATOR_SDK_CONCURRENT_RECONCILIATION_THREADS", "2");

  @RegisterExtension final Fixture fixture = new Fixture();

  @Test
  void statusAndNewNamespacesDoNotWaitForWritesToOthers() {
    for (int i = 0; i < NAMESPACES; i++) {
      fixture.namespace("n" + i);
    }
    try (var operator = new OperatorProcess(TWO_THREADS)) {
      fixture.policy("p", "mode: Enforce", 256);
      compliant(NAMESPACES);

      long generation = fixture.policy("p", "mode: Enforce", 512).getMetadata().getGeneration();
      var late = fixture.namespace("late");
      eventually(() -> assertThat(fixture.limitRange(late)).isNotNull());
      assertThat(outdated()).as("namespaces behind the new one").isGreaterThan(30);
      eventually(
          () ->
              assertThat(fixture.get("p").getStatus().observedGeneration()).isEqualTo(generation));
      assertThat(outdated()).as("namespaces behind the status").isGreaterThan(30);

      compliant(NAMESPACES + 1);
      assertThat(outdated()).isZero();
    }
  }

  private void compliant(int namespaces) {
    eventually(
        () -> {
          assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant");
          assertThat(fixture.get("p").getStatus().namespaces().compliant()).isEqualTo(namespaces);
        });
  }

  /// How many namespaces have the limits from before the change.
  private long outdated() {
    return fixture
        .client
        .limitRanges()
        .inAnyNamespace()
        .withLabel("cgroup-policy.io/policy", fixture.id + "-p")
        .list()
        .getItems()
        .stream()
        .map(found -> found.getSpec().getLimits().getFirst().getDefault().get("memory"))
        .filter(memory -> memory.toString().equals("256Mi"))
        .count();
  }
}
