package io.cgrouppolicy.core.openreports;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.Violation;
import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.Check.Area;
import io.cgrouppolicy.core.openreports.Report.Resource;
import io.cgrouppolicy.core.openreports.Report.Result;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// Makes results from the violations of one policy, without timestamps. Stateful: call once per
/// violation, in their order.
final class Results {
  /// The checks that say why nothing is known.
  private static final Set<Check> ERRORS =
      EnumSet.of(
          Check.KubeletUnreachable,
          Check.KubeletUnauthorized,
          Check.KubeletConfigUnavailable,
          Check.PressureUnavailable);

  /// The API versions of the kinds that violations name; those of other controllers are unknown.
  private static final Map<String, String> VERSIONS =
      Map.ofEntries(
          Map.entry("CronJob", "batch/v1"),
          Map.entry("DaemonSet", "apps/v1"),
          Map.entry("Deployment", "apps/v1"),
          Map.entry("Job", "batch/v1"),
          Map.entry("Namespace", "v1"),
          Map.entry("Node", "v1"),
          Map.entry("PersistentVolumeClaim", "v1"),
          Map.entry("Pod", "v1"),
          Map.entry("ReplicaSet", "apps/v1"),
          Map.entry("ReplicationController", "v1"),
          Map.entry("StatefulSet", "apps/v1"));

  private final String policy;
  private final Map<String, Integer> seen = new HashMap<>();

  Results(String policy) {
    this.policy = policy;
  }

  /// The namespace whose Report has the violation; null for a ClusterReport.
  static String namespace(Violation violation) {
    return switch (Check.valueOf(violation.check()).area()) {
      case NODES, PRESSURE -> null;
      case NAMESPACES, WORKLOADS ->
          violation.namespace() == null ? violation.name() : violation.namespace();
    };
  }

  Result of(Violation violation) {
    var check = Check.valueOf(violation.check());
    var properties = new TreeMap<String, String>();
    properties.put(Result.ID, id(violation));
    if (violation.expected() != null) {
      properties.put("expected", violation.expected());
    }
    if (violation.actual() != null) {
      properties.put("actual", violation.actual());
    }
    var object =
        new Resource(
            VERSIONS.get(violation.kind()),
            violation.kind(),
            violation.namespace(),
            violation.name());
    return new Result(
        Report.SOURCE,
        policy,
        violation.check(),
        category(check.area()),
        violation.severity().toLowerCase(Locale.ROOT),
        null,
        ERRORS.contains(check) ? "error" : "fail",
        true,
        List.of(object),
        violation.message(),
        properties);
  }

  /// The same while the violation lasts, although its message may have figures that change. Without
  /// it, consumers hash the texts, and would not distinguish objects of one name in two namespaces.
  private String id(Violation violation) {
    var object =
        String.join(
            "/",
            policy,
            violation.check(),
            violation.kind(),
            String.valueOf(violation.namespace()),
            violation.name());
    int count = seen.merge(object, 1, Integer::sum);
    return Digest.of(object + "/" + count);
  }

  private static String category(Area area) {
    return switch (area) {
      case NAMESPACES -> "Limits and quotas";
      case WORKLOADS -> "Workloads";
      case NODES -> "Nodes";
      case PRESSURE -> "Pressure";
    };
  }
}
