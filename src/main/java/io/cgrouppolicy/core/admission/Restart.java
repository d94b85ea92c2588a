package io.cgrouppolicy.core.admission;

import io.cgrouppolicy.core.pods.PodFacts;
import io.cgrouppolicy.core.pods.Workload;
import java.util.Locale;

/// How pods that run are replaced by new ones, as only these go through admission.
final class Restart {
  private Restart() {}

  static String advice(PodFacts pod, Workload workload) {
    var namespace = " -n " + pod.namespace();
    return switch (workload.kind()) {
      case "Deployment", "StatefulSet", "DaemonSet" ->
          "kubectl rollout restart "
              + workload.kind().toLowerCase(Locale.ROOT)
              + "/"
              + workload.name()
              + namespace;
      case "Job" -> "a Job does not replace its pods: let it end, or delete it and create it anew";
      case "CronJob" -> "the pods of its next run will be as the LimitRange has them";
      case "Pod" ->
          "nothing brings it back: save its manifest, kubectl delete pod "
              + workload.name()
              + namespace
              + ", and create it anew";
      default ->
          "delete its pods one by one, so that "
              + workload.kind()
              + " "
              + workload.name()
              + " creates them anew";
    };
  }

  static String notYet() {
    return "change what is refused before anything is restarted: no new pod would come";
  }
}
