package io.cgrouppolicy.core.admission;

import io.cgrouppolicy.core.admission.Preview.QuotaRemark;
import io.cgrouppolicy.core.pods.PodFacts;
import io.cgrouppolicy.core.pods.Workload;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Whether the quota leaves room for what a rolling update starts before it ends anything. Each
/// workload by itself, as not all roll out at once.
final class Rollouts {
  private final QuotaEvaluator quota;
  private final ResourceList used;
  private final Map<Workload, Replicas> workloads = new LinkedHashMap<>();

  /// What the pods of a workload have in common.
  private static final class Replicas {
    private int count;
    private PodFacts newest;
    private ResourceList usage;
  }

  /// @param quota null where there is none
  Rollouts(QuotaEvaluator quota, ResourceList used) {
    this.quota = quota;
    this.used = used;
  }

  /// The newest pod tells what the next ones will ask for.
  void add(PodFacts pod, Workload workload, ResourceList usage) {
    var replicas = workloads.computeIfAbsent(workload, w -> new Replicas());
    replicas.count++;
    if (replicas.newest == null || pod.created() > replicas.newest.created()) {
      replicas.newest = pod;
      replicas.usage = usage;
    }
  }

  List<QuotaRemark> blocked() {
    var remarks = new ArrayList<QuotaRemark>();
    if (quota == null) {
      return remarks;
    }
    workloads.forEach(
        (workload, replicas) -> {
          int surge = Surge.of(workload, replicas.count);
          for (int started = 0; started < surge; started++) {
            var sum = new ResourceList();
            sum.add(used);
            sum.add(replicas.usage.times(started));
            var refusal = quota.exceeded(replicas.usage, sum);
            if (refusal.isPresent()) {
              remarks.add(
                  new QuotaRemark(
                      workload,
                      "a rolling update starts %d more at once, of which the quota lets in %d: %s"
                          .formatted(surge, started, refusal.get())));
              return;
            }
          }
        });
    return remarks;
  }
}
