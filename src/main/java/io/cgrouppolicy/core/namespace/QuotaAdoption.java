package io.cgrouppolicy.core.namespace;

import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// Tells a quota that the quota controller leaves alone (kubernetes#71450) from one that was just
/// written. The API server holds pods against `status.hard`, which only that controller sets, a
/// moment after `spec.hard`: until then the quota is not in force, or its old figures are.
public final class QuotaAdoption {
  private record Waiting(Map<String, Quantity> hard, Instant since) {}

  private final Duration grace;
  private final Map<String, Waiting> waiting = new ConcurrentHashMap<>();

  /// @param grace how long the controller may take
  public QuotaAdoption(Duration grace) {
    this.grace = grace;
  }

  /// Whether a quota is in force: `status.hard` says what `spec.hard` says.
  public static boolean adopted(ResourceQuota quota) {
    var spec = quota.getSpec();
    return Objects.equals(spec == null ? null : spec.getHard(), hard(quota));
  }

  /// `status.hard`, or null.
  public static Map<String, Quantity> hard(ResourceQuota quota) {
    return quota.getStatus() == null ? null : quota.getStatus().getHard();
  }

  /// Notes how the quota of a namespace is now.
  ///
  /// @param quota ours, or null where there is none
  /// @return whether the controller has had its time and has not adopted it
  public boolean overdue(String namespace, ResourceQuota quota, Instant now) {
    if (quota == null || adopted(quota)) {
      waiting.remove(namespace);
      return false;
    }
    var hard = quota.getSpec() == null ? null : quota.getSpec().getHard();
    var since =
        waiting.compute(
            namespace,
            (name, before) ->
                before != null && Objects.equals(before.hard(), hard)
                    ? before
                    : new Waiting(hard, since(quota, before, now)));
    return !now.isBefore(since.since().plus(grace));
  }

  /// A quota seen for the first time may have waited for long, while no operator ran.
  private static Instant since(ResourceQuota quota, Waiting before, Instant now) {
    return before != null
        ? now
        : written(quota).filter(written -> written.isBefore(now)).orElse(now);
  }

  /// When somebody last wrote more than the status, by the API server's clock.
  public static Optional<Instant> written(ResourceQuota quota) {
    return quota.getMetadata().getManagedFields().stream()
        .filter(entry -> entry.getSubresource() == null || entry.getSubresource().isEmpty())
        .map(ManagedFieldsEntry::getTime)
        .filter(Objects::nonNull)
        .map(Instant::parse)
        .max(Comparator.naturalOrder());
  }

  /// How long until a quota that waits is overdue; zero when none waits, or it is overdue.
  public Duration left(String namespace, Instant now) {
    var waits = waiting.get(namespace);
    if (waits == null || !now.isBefore(waits.since().plus(grace))) {
      return Duration.ZERO;
    }
    return Duration.between(now, waits.since().plus(grace)).plusMillis(1);
  }

  public void remove(String namespace) {
    waiting.remove(namespace);
  }
}
