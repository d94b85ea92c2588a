package io.cgrouppolicy.shell.pods;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.cgrouppolicy.core.admission.ExceededQuotas;
import io.cgrouppolicy.core.admission.Preview;
import io.cgrouppolicy.core.admission.Preview.QuotaFinding;
import io.cgrouppolicy.core.admission.Preview.Surroundings;
import io.cgrouppolicy.core.admission.StoragePreview;
import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.Finding;
import io.cgrouppolicy.core.check.WorkloadFinding;
import io.cgrouppolicy.core.limits.Child;
import io.cgrouppolicy.core.pods.PodFacts;
import io.cgrouppolicy.core.pods.PodFinding;
import io.cgrouppolicy.core.pods.PodRule;
import io.cgrouppolicy.core.pods.WorkloadVerdict;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.shell.cluster.ClusterCache;
import io.cgrouppolicy.shell.cluster.StorageCache;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/// Previews what a policy's LimitRange and ResourceQuotas would do to the pods of a namespace,
/// together with the LimitRanges that are in the namespace now.
@ApplicationScoped
class Previewer {
  /// Few previews serve all namespaces because most namespaces have the same LimitRanges.
  private static final int MAX_PREVIEWS = 64;

  private record Key(String policyUid, long generation, Surroundings surroundings) {}

  private final Cache<Key, Preview> previews =
      Caffeine.newBuilder().maximumSize(MAX_PREVIEWS).executor(Runnable::run).build();

  private final ClusterCache cluster;
  private final StorageCache storage;
  private final OwnerResolver owners;

  Previewer(ClusterCache cluster, StorageCache storage, OwnerResolver owners) {
    this.cluster = cluster;
    this.storage = storage;
    this.owners = owners;
  }

  /// The preview for the pods of one namespace.
  ///
  /// @param safe whether the objects would reject nothing
  /// @param settled whether the surge of all Deployments was known, if the result depends on it
  /// @param rule returns the remarks about a pod
  /// @param quota the quotas' rejections that do not concern a single pod
  record PodPreview(
      WorkloadVerdict.Preview counts,
      boolean safe,
      boolean settled,
      PodRule rule,
      List<WorkloadFinding> quota) {}

  PodPreview preview(CompiledPolicy policy, String namespace, Collection<PodFacts> pods) {
    var unsettled = new AtomicBoolean();
    var preview = preview(policy, surroundings(namespace));
    Preview.Result result;
    synchronized (preview) {
      result =
          preview.judge(
              pods,
              pod -> {
                var owner = owners.of(pod);
                if (!owner.settled()) {
                  unsettled.set(true);
                }
                return owner.workload();
              });
    }
    return new PodPreview(
        result.totals(),
        result.safe(),
        policy.resourceQuotas().isEmpty() || !unsettled.get(),
        rule(policy, result),
        Stream.concat(result.belowUsage().stream(), result.rollouts().stream())
            .map(remark -> finding(namespace, remark))
            .toList());
  }

  /// The findings on PersistentVolumeClaims; none while the operator cannot see them.
  List<WorkloadFinding> storage(CompiledPolicy policy, String namespace) {
    return storage.visible() && policy.limitsStorage()
        ? StoragePreview.of(
            policy, namespace, storage.claims(namespace), storage.templates(namespace))
        : List.of();
  }

  /// The quotas that are below current usage, except those among the findings so far.
  List<WorkloadFinding> exceeded(
      CompiledPolicy policy, String namespace, List<WorkloadFinding> previewed) {
    return policy.resourceQuotas().isEmpty()
        ? List.of()
        : ExceededQuotas.of(
            policy, namespace, cluster.observe(namespace).resourceQuotas(), previewed);
  }

  private Preview preview(CompiledPolicy policy, Surroundings surroundings) {
    return previews.get(
        new Key(policy.uid(), policy.generation(), surroundings),
        key -> new Preview(policy, surroundings));
  }

  private Surroundings surroundings(String namespace) {
    var observed = cluster.observe(namespace);
    var ours = observed.limitRange();
    return new Surroundings(
        ours == null || !Child.isOurs(ours) ? null : ours.getSpec(),
        List.copyOf(observed.foreignLimitRanges().values()));
  }

  /// Reports that a pod is older than the LimitRange only if the policy has workload rules, which
  /// are about what pods declare.
  private static PodRule rule(CompiledPolicy policy, Preview.Result result) {
    var remarks = new IdentityHashMap<PodFacts, List<PodFinding>>();
    for (var remark : result.findings()) {
      if (remark.finding().check() == Check.WouldReject || policy.spec().workloads() != null) {
        remarks.computeIfAbsent(remark.pod(), pod -> new ArrayList<>(2)).add(remark.finding());
      }
    }
    return (pod, workload) -> remarks.getOrDefault(pod, List.of());
  }

  private static WorkloadFinding finding(String namespace, QuotaFinding remark) {
    var workload = remark.workload();
    var finding =
        Finding.of(
            Check.WouldReject,
            "room in the quota",
            "none",
            workload == null
                ? remark.text()
                : namespace + "/" + workload.name() + ": " + remark.text());
    return workload == null
        ? new WorkloadFinding("Namespace", namespace, finding)
        : workload.finding(finding);
  }
}
