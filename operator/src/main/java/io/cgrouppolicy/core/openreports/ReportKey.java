package io.cgrouppolicy.core.openreports;

import java.util.Comparator;

/// Where a report is stored.
///
/// @param namespace of a Report; null for a ClusterReport
public record ReportKey(String namespace, String name) implements Comparable<ReportKey> {
  /// The API group and version of reports.
  public static final String VERSION = "openreports.io/v1alpha1";

  private static final String PREFIX = "cgroup-policy";

  private static final Comparator<ReportKey> ORDER =
      Comparator.comparing(ReportKey::namespace, Comparator.nullsFirst(Comparator.naturalOrder()))
          .thenComparing(ReportKey::name);

  /// The key of one of a policy's reports on a namespace, or on nodes.
  ///
  /// The number comes before the name: `NAME-2` is the name of another policy. The longest name has
  /// less than 90 characters, because that of a policy has at most 63.
  ///
  /// @param namespace null for a ClusterReport
  /// @param number from 1
  public static ReportKey of(String namespace, String policy, int number) {
    var name = number == 1 ? PREFIX + "-" + policy : PREFIX + "." + number + "-" + policy;
    return new ReportKey(namespace, name);
  }

  /// The kind, spelled as in the API.
  public String kind() {
    return namespace == null ? "ClusterReport" : "Report";
  }

  /// The plural resource name, as used in the API and in RBAC.
  public String plural() {
    return namespace == null ? "clusterreports" : "reports";
  }

  @Override
  public int compareTo(ReportKey other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return kind() + " " + (namespace == null ? "" : namespace + "/") + name;
  }
}
