package io.cgrouppolicy.core.admission;

import io.cgrouppolicy.core.pods.Workload;
import java.util.regex.Pattern;

/// How many pods more than now a rolling update of a workload starts at once.
final class Surge {
  private static final Pattern PERCENT = Pattern.compile("([0-9]{1,7})%");
  private static final Pattern COUNT = Pattern.compile("[0-9]{1,9}");

  /// What a Deployment has that says nothing (`SetDefaults_Deployment`).
  private static final String OF_DEPLOYMENTS = "25%";

  private Surge() {}

  /// A part of a pod is a pod, as Deployments and DaemonSets have it. Where nothing is known:
  /// workloads of other kinds than Deployment end the old pod before they start the new one.
  ///
  /// @param pods how many there are now
  static int of(Workload workload, int pods) {
    var surge = workload.surge();
    if (surge == null) {
      surge = workload.kind().equals("Deployment") ? OF_DEPLOYMENTS : "0";
    }
    var percent = PERCENT.matcher(surge);
    if (percent.matches()) {
      return Math.ceilDiv(pods * Integer.parseInt(percent.group(1)), 100);
    }
    return COUNT.matcher(surge).matches() ? Integer.parseInt(surge) : 0;
  }
}
