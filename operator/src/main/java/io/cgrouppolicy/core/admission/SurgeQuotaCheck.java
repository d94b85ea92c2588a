package io.cgrouppolicy.core.admission;

import io.cgrouppolicy.core.admission.Preview.QuotaFinding;
import io.cgrouppolicy.core.pods.PodFacts;
import io.cgrouppolicy.core.pods.Workload;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Finds workloads whose rolling update needs more surge pods than the quota admits. Checks each
/// workload on its own, because they do not all roll out at the same time.
final class SurgeQuotaCheck {
  private final QuotaEvaluator quota;
  private final ResourceList used;
  private final Map<Workload, Replicas> workloads = new LinkedHashMap<>();

  /// The pods of one workload.
  private static final class Replicas {
    private int count;
    private PodFacts newest;
    private ResourceList usage;
  }

  SurgeQuotaCheck(QuotaEvaluator quota, ResourceList used) {
    this.quota = quota;
    this.used = used;
  }

  /// Adds a pod. The newest pod of a workload determines the usage of its surge pods.
  void add(PodFacts pod, Workload workload, ResourceList usage) {
    var replicas = workloads.computeIfAbsent(workload, w -> new Replicas());
    replicas.count++;
    if (replicas.newest == null || pod.created() > replicas.newest.created()) {
      replicas.newest = pod;
      replicas.usage = usage;
    }
  }

  List<QuotaFinding> blocked() {
    var findings = new ArrayList<QuotaFinding>();
    workloads.forEach(
        (workload, replicas) -> {
          int surge = MaxSurge.of(workload, replicas.count);
          for (int started = 0; started < surge; started++) {
            var sum = new ResourceList();
            sum.add(used);
            sum.add(replicas.usage.times(started));
            var rejection = quota.exceeded(replicas.usage, sum);
            if (rejection.isPresent()) {
              findings.add(
                  new QuotaFinding(
                      workload,
                      "a rolling update creates %d more at once, but the quota admits only %d: %s"
                          .formatted(surge, started, rejection.get())));
              return;
            }
          }
        });
    return findings;
  }
}
