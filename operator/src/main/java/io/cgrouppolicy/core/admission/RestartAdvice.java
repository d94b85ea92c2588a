package io.cgrouppolicy.core.admission;

import io.cgrouppolicy.core.pods.PodFacts;
import io.cgrouppolicy.core.pods.Workload;
import java.util.Locale;

/// Explains how to recreate the pods of a workload, because only new pods go through admission.
final class RestartAdvice {
  private RestartAdvice() {}

  static String of(PodFacts pod, Workload workload) {
    var namespace = " -n " + pod.namespace();
    return switch (workload.kind()) {
      case "Deployment", "StatefulSet", "DaemonSet" ->
          "kubectl rollout restart "
              + workload.kind().toLowerCase(Locale.ROOT)
              + "/"
              + workload.name()
              + namespace;
      case "Job" -> "a Job does not replace its pods: let it finish, or delete and recreate it";
      case "CronJob" -> "the pods of its next run get the LimitRange's defaults";
      case "Pod" ->
          "no controller recreates it: save its manifest, kubectl delete pod "
              + workload.name()
              + namespace
              + ", and create it again";
      default ->
          "delete its pods one by one; "
              + workload.kind()
              + " "
              + workload.name()
              + " recreates them";
    };
  }

  static String noDefault() {
    return "set the default that LimitRangeWithoutDefaults names before you restart anything: new"
        + " pods would get devices that they did not ask for";
  }

  static String notYet() {
    return "fix the rejection before you restart anything: no new pod would be admitted";
  }
}
