package io.cgrouppolicy.core.namespace;

import io.cgrouppolicy.core.limits.Quantities;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/// A ResourceQuota that the quota controller has not adopted yet. The API server enforces
/// `status.hard`, which only that controller sets, a moment after `spec.hard` changes. Until then
/// the quota is not enforced, or its old values are. A quota that is not adopted within a grace
/// period is stuck (kubernetes#71450). A key that `status.used` still lacks then is never counted.
///
/// @param hard the values to be adopted
/// @param since when they were written
public record QuotaAdoption(Map<String, Quantity> hard, Instant since) {

  /// Whether a quota is enforced: `status.hard` equals `spec.hard`, and every key is counted.
  public static boolean adopted(ResourceQuota quota) {
    var spec = quota.getSpec();
    return Objects.equals(spec == null ? null : spec.getHard(), hard(quota))
        && uncounted(quota).isEmpty();
  }

  /// The keys of `status.hard` that `status.used` lacks, sorted. The API server admits any amount
  /// of them. A quota whose status shares the map of its spec was adopted when it was pruned.
  public static List<String> uncounted(ResourceQuota quota) {
    var hard = hard(quota);
    var used = quota.getStatus() == null ? null : quota.getStatus().getUsed();
    return hard == null || quota.getSpec() != null && hard == quota.getSpec().getHard()
        ? List.of()
        : hard.keySet().stream()
            .filter(key -> used == null || !used.containsKey(key))
            .sorted()
            .toList();
  }

  /// The usage of the keys that exceed `status.hard`. The API server admits nothing more of them.
  public static Map<String, Quantity> exceeded(ResourceQuota quota) {
    var hard = hard(quota);
    var used = quota.getStatus() == null ? null : quota.getStatus().getUsed();
    return Quantities.above(used, hard).stream()
        .collect(Collectors.toUnmodifiableMap(key -> key, key -> used.get(key)));
  }

  /// `status.hard`, or null.
  public static Map<String, Quantity> hard(ResourceQuota quota) {
    return quota.getStatus() == null ? null : quota.getStatus().getHard();
  }

  /// The pending adoptions after an observation, by the name of the quota.
  static Map<String, QuotaAdoption> next(
      Map<String, QuotaAdoption> before, Map<String, ResourceQuota> quotas, Instant now) {
    var pending = new HashMap<String, QuotaAdoption>();
    quotas.forEach(
        (name, quota) -> pending.computeIfAbsent(name, n -> next(before.get(n), quota, now)));
    return Map.copyOf(pending);
  }

  /// The pending adoption after an observation.
  ///
  /// @param before the pending adoption until now, or null
  /// @param quota our quota, or null if there is none
  /// @return null if no adoption is pending
  static QuotaAdoption next(QuotaAdoption before, ResourceQuota quota, Instant now) {
    if (quota == null || adopted(quota)) {
      return null;
    }
    var hard = quota.getSpec() == null ? null : quota.getSpec().getHard();
    if (before == null) {
      // First observation: the quota may have been pending for long while no operator was running.
      return new QuotaAdoption(
          hard, written(quota).filter(written -> written.isBefore(now)).orElse(now));
    }
    return Objects.equals(before.hard(), hard) ? before : new QuotaAdoption(hard, now);
  }

  /// When a client last wrote anything but the status, by the API server's clock.
  public static Optional<Instant> written(ResourceQuota quota) {
    return quota.getMetadata().getManagedFields().stream()
        .filter(entry -> entry.getSubresource() == null || entry.getSubresource().isEmpty())
        .map(ManagedFieldsEntry::getTime)
        .filter(Objects::nonNull)
        .map(Instant::parse)
        .max(Comparator.naturalOrder());
  }

  boolean overdue(Duration grace, Instant now) {
    return !now.isBefore(since.plus(grace));
  }

  /// How long until the quota is overdue; zero if it is.
  Duration left(Duration grace, Instant now) {
    return overdue(grace, now)
        ? Duration.ZERO
        : Duration.between(now, since.plus(grace)).plusMillis(1);
  }
}
