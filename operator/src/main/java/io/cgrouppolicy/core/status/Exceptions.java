package io.cgrouppolicy.core.status;

import io.cgrouppolicy.api.v1alpha1.ExceptionSpec;
import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.policy.Glob;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;

/// The exceptions of a policy that are active at one moment.
final class Exceptions {
  private record Active(Check check, List<Glob> names) {}

  private final List<Active> active = new ArrayList<>();
  private Instant nextExpiry;

  Exceptions(List<ExceptionSpec> specs, Instant now) {
    for (var spec : specs == null ? List.<ExceptionSpec>of() : specs) {
      var end = spec.expires() == null ? null : OffsetDateTime.parse(spec.expires()).toInstant();
      if (end != null && !end.isAfter(now)) {
        continue;
      }
      if (end != null && (nextExpiry == null || end.isBefore(nextExpiry))) {
        nextExpiry = end;
      }
      active.add(
          new Active(
              spec.check(),
              switch (spec.check().area()) {
                case NAMESPACES, WORKLOADS -> Glob.of(spec.namespaces());
                case NODES, PRESSURE -> Glob.of(spec.nodes());
              }));
    }
  }

  /// @param name of the namespace or the node, depending on the check
  boolean silences(Check check, String name) {
    return active.stream().anyMatch(e -> e.check() == check && Glob.anyMatches(e.names(), name));
  }

  Instant nextExpiry() {
    return nextExpiry;
  }
}
