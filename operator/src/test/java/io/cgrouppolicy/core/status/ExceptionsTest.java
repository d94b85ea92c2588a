package io.cgrouppolicy.core.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.testing.Policies;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ExceptionsTest {
  private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");

  private static Exceptions exceptions(String yaml) {
    return new Exceptions(
        Policies.policy("p", "exceptions: [" + yaml + "]").getSpec().exceptions(), NOW);
  }

  @Test
  void silencesItsCheckInItsNamespacesOnly() {
    var exceptions = exceptions("{check: LimitRangeConflict, namespaces: [old-*], reason: r}");
    assertThat(exceptions.silences(Check.LimitRangeConflict, "old-1")).isTrue();
    assertThat(exceptions.silences(Check.LimitRangeConflict, "new-1")).isFalse();
    assertThat(exceptions.silences(Check.LimitRangeMissing, "old-1")).isFalse();
    assertThat(exceptions.nextExpiry()).isNull();
  }

  @Test
  void endsAtItsExpiryInWhateverZone() {
    var yaml = "{check: LimitRangeConflict, namespaces: ['*'], reason: r, expires: '%s'}";
    assertThat(exceptions(yaml.formatted("2026-06-01T12:00:01Z")).nextExpiry())
        .isEqualTo(NOW.plusSeconds(1));
    var now = exceptions(yaml.formatted("2026-06-01T14:00:00+02:00"));
    assertThat(now.silences(Check.LimitRangeConflict, "a")).isFalse();
    assertThat(now.nextExpiry()).isNull();
    var later = exceptions(yaml.formatted("2026-06-01T12:00:00-01:00"));
    assertThat(later.silences(Check.LimitRangeConflict, "a")).isTrue();
  }

  @Test
  void findsTheNextExpiry() {
    var exceptions =
        exceptions(
            """
            {check: LimitRangeConflict, namespaces: [a], reason: r, expires: '2026-06-03T00:00:00Z'},
            {check: LimitRangeMissing, namespaces: [a], reason: r, expires: '2026-06-02T00:00:00Z'},
            {check: LimitRangeDrifted, namespaces: [a], reason: r, expires: '2026-05-01T00:00:00Z'}""");
    assertThat(exceptions.nextExpiry()).isEqualTo(Instant.parse("2026-06-02T00:00:00Z"));
  }

  @Test
  void nodesAreForChecksOfNodes() {
    var exceptions = exceptions("{check: KubeletPodPidsLimit, nodes: ['gpu-*'], reason: r}");
    assertThat(exceptions.silences(Check.KubeletPodPidsLimit, "gpu-1")).isTrue();
    assertThat(exceptions.silences(Check.KubeletPodPidsLimit, "cpu-1")).isFalse();
    assertThat(exceptions.silences(Check.LimitRangeMissing, "gpu-1")).isFalse();
  }

  @Test
  void noneIsFine() {
    assertThat(new Exceptions(null, NOW).silences(Check.LimitRangeMissing, "a")).isFalse();
  }
}
