package io.cgrouppolicy.core.admission;

import io.cgrouppolicy.core.pods.Workload;
import java.util.regex.Pattern;

/// Computes how many extra pods a rolling update creates at once.
final class MaxSurge {
  private static final Pattern PERCENT = Pattern.compile("([0-9]{1,7})%");
  private static final Pattern COUNT = Pattern.compile("[0-9]{1,9}");

  /// The default of Deployments (`SetDefaults_Deployment`).
  private static final String OF_DEPLOYMENTS = "25%";

  private MaxSurge() {}

  /// Rounds up like Deployments and DaemonSets. If the surge is unknown, only Deployments are
  /// assumed to surge; other kinds delete the old pod before they create the new one.
  ///
  /// @param pods the current number of pods
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
