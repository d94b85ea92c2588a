package io.cgrouppolicy.delivery.argocd;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.Fixture;
import org.awaitility.core.ThrowingRunnable;

/// Compares the health of live policies with the expected one, and records the policies with
/// `-Drecord=true`.
final class States {
  private static final boolean RECORD = Boolean.getBoolean("record");

  private final Fixture fixture;

  States(Fixture fixture) {
    this.fixture = fixture;
  }

  /// Waits until a policy is in a state, and compares its health with that of the recording.
  ///
  /// @param reached whether the policy is in the state
  void is(String state, String suffix, ThrowingRunnable reached) {
    eventually(
        () -> {
          reached.run();
          var live = RecordedStates.live(fixture, suffix);
          if (RECORD) {
            RecordedStates.write(state, live);
          } else {
            assertThat(HealthCheck.of(live))
                .isEqualTo(RecordedStates.expected().get("testdata/" + state + ".yaml"));
          }
        });
  }

  /// The same, for a state with two known conditions.
  ///
  /// @param ready status and reason, or "" for no status of this generation
  void is(String state, String suffix, String ready, String compliant) {
    is(
        state,
        suffix,
        () -> {
          assertThat(fixture.status(suffix, "Ready")).isEqualTo(ready);
          assertThat(fixture.status(suffix, "Compliant")).isEqualTo(compliant);
        });
  }
}
