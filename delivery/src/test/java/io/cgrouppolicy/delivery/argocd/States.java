package io.cgrouppolicy.delivery.argocd;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.Fixture;
import org.awaitility.core.ThrowingRunnable;

/// Holds the health of live policies against what is written down, and records them with
/// `-Drecord=true`.
final class States {
  private static final boolean RECORD = Boolean.getBoolean("record");

  private final Fixture fixture;

  States(Fixture fixture) {
    this.fixture = fixture;
  }

  /// Waits until a policy is in a state, in which its health must be that of the recording of this
  /// name.
  ///
  /// @param reached what is true of the policy then
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

  /// The same, where two conditions tell.
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
