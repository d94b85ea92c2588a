package io.cgrouppolicy.core.admission;

import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// The `volumeClaimTemplates` of a StatefulSet.
///
/// @param start the ordinal of the first replica
public record ClaimTemplates(String statefulSet, int start, int replicas, List<Claim> templates) {
  /// Returns null for a StatefulSet without templates.
  public static ClaimTemplates of(StatefulSet set) {
    var spec = set.getSpec();
    if (spec.getVolumeClaimTemplates() == null || spec.getVolumeClaimTemplates().isEmpty()) {
      return null;
    }
    var start = spec.getOrdinals() == null ? null : spec.getOrdinals().getStart();
    return new ClaimTemplates(
        set.getMetadata().getName(),
        start == null ? 0 : start,
        spec.getReplicas() == null ? 1 : spec.getReplicas(),
        spec.getVolumeClaimTemplates().stream().map(Claim::of).toList());
  }

  /// The claims of the current replicas, whether they exist or not.
  Stream<Claim> claims() {
    return IntStream.range(start, start + replicas)
        .boxed()
        .flatMap(ordinal -> templates.stream().map(claim -> claim.named(prefix(claim) + ordinal)));
  }

  /// Whether a claim is of one of the templates, also one of a replica that is gone.
  boolean has(String claim) {
    return templates.stream()
        .map(this::prefix)
        .anyMatch(
            prefix ->
                claim.startsWith(prefix)
                    && claim.substring(prefix.length()).matches("0|[1-9][0-9]{0,8}"));
  }

  private String prefix(Claim template) {
    return template.name() + "-" + statefulSet + "-";
  }
}
