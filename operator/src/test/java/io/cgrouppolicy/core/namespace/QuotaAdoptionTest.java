package io.cgrouppolicy.core.namespace;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.Children;
import io.cgrouppolicy.testing.Policies;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntryBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.ResourceQuotaStatusBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class QuotaAdoptionTest {
  private static final Instant START = Instant.parse("2026-06-01T12:00:00Z");
  private static final Duration GRACE = Duration.ofSeconds(30);
  private QuotaAdoption adoption;

  private static ResourceQuota quota(String memory, String adopted) {
    var quota = Children.quota(Policies.compiled("p", Policies.BASELINE));
    quota.getSpec().setHard(Map.of("limits.memory", new Quantity(memory)));
    if (adopted != null) {
      quota.setStatus(
          new ResourceQuotaStatusBuilder()
              .withHard(Map.of("limits.memory", new Quantity(adopted)))
              .withUsed(Map.of("limits.memory", new Quantity("1Gi")))
              .build());
    }
    return quota;
  }

  private boolean overdue(ResourceQuota quota, int second) {
    var now = START.plusSeconds(second);
    adoption = QuotaAdoption.next(adoption, quota, now);
    return adoption != null && adoption.overdue(GRACE, now);
  }

  private Duration left(int second) {
    return adoption == null ? Duration.ZERO : adoption.left(GRACE, START.plusSeconds(second));
  }

  @Test
  void aQuotaIsOverdueAfterTheGrace() {
    assertThat(overdue(quota("8Gi", null), 0)).isFalse();
    assertThat(left(10)).isEqualTo(Duration.ofSeconds(20).plusMillis(1));
    assertThat(overdue(quota("8Gi", null), 29)).isFalse();
    assertThat(overdue(quota("8Gi", null), 30)).isTrue();
    assertThat(left(30)).isZero();
    assertThat(overdue(quota("8Gi", "8192Mi"), 31)).as("adopted, by number").isFalse();
    assertThat(overdue(quota("8Gi", null), 32)).as("from the beginning").isFalse();
  }

  @Test
  void aChangeOfTheQuotaRestartsTheGrace() {
    assertThat(overdue(quota("8Gi", "4Gi"), 0)).isFalse();
    assertThat(overdue(quota("9Gi", "4Gi"), 20)).isFalse();
    assertThat(overdue(quota("9Gi", "8Gi"), 40)).as("20 s after the change").isFalse();
    assertThat(overdue(quota("9Gi", "8Gi"), 50)).isTrue();
  }

  @Test
  void anAdoptedOrDeletedQuotaIsNotPending() {
    assertThat(overdue(quota("8Gi", "8Gi"), 0)).isFalse();
    assertThat(left(0)).isZero();
    overdue(quota("8Gi", null), 0);
    assertThat(overdue(null, 1)).isFalse();
    assertThat(left(1)).isZero();
  }

  @Test
  void aKeyThatIsNotCountedIsOverdueUntilItIs() {
    var quota = quota("8Gi", "8Gi");
    quota.getStatus().setUsed(Map.of());
    assertThat(QuotaAdoption.uncounted(quota)).containsExactly("limits.memory");
    assertThat(overdue(quota, 0)).isFalse();
    assertThat(overdue(quota, 30)).isTrue();
    assertThat(overdue(quota("8Gi", "8Gi"), 31)).isFalse();
  }

  /// Ignores status writes and times in the future.
  @Test
  void aQuotaSeenForTheFirstTimeWaitsSinceItWasWritten() {
    var written = new ManagedFieldsEntryBuilder().withManager("x").withOperation("Apply");
    var quota = quota("8Gi", null);
    quota
        .getMetadata()
        .setManagedFields(
            List.of(
                written.withTime(START.minusSeconds(29).toString()).build(),
                written.withTime(START.minusSeconds(90).toString()).build(),
                written.withTime(START.toString()).withSubresource("status").build()));
    assertThat(overdue(quota, 0)).isFalse();
    assertThat(overdue(quota, 1)).isTrue();

    adoption = null;
    quota
        .getMetadata()
        .setManagedFields(
            List.of(
                written.withSubresource(null).withTime(START.plusSeconds(99).toString()).build()));
    assertThat(overdue(quota, 0)).isFalse();
    assertThat(overdue(quota, 30)).isTrue();
  }
}
