package io.cgrouppolicy.core.admission;

import io.cgrouppolicy.core.pods.PodFacts;
import io.cgrouppolicy.core.pods.PodShape;
import io.cgrouppolicy.core.pods.Workload;
import io.fabric8.kubernetes.api.model.LimitRangeSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuotaSpecBuilder;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/// Computes the smallest quota that rejects no pod of a namespace: the inverse of [Preview].
///
/// It admits each pod when it is recreated, with the defaults of the LimitRanges, and the rolling
/// update of each workload on its own. Terminating pods count until they have ended.
public final class QuotaDemand {
  /// Large enough to be no bound.
  private static final Quantity UNBOUNDED = new Quantity("1E");

  private final ShapePreview.Rules rules;
  private final QuotaEvaluator quota;
  private final Map<PodShape, Usage> known = new IdentityHashMap<>();
  private final ResourceList used = new ResourceList();
  private final Map<Workload, Replicas> workloads = new LinkedHashMap<>();

  /// @param becomes the usage of the recreated pod
  /// @param staying the maximum per resource before and after it is recreated
  private record Usage(ResourceList becomes, ResourceList staying) {}

  private static final class Replicas {
    private int count;
    private PodFacts newest;
  }

  private QuotaDemand(
      LimitRangeSpec limitRange, List<LimitRangeSpec> foreign, Collection<String> resources) {
    rules = new ShapePreview.Rules(limitRange, foreign);
    var hard = new TreeMap<String, Quantity>();
    resources.forEach(resource -> hard.put(resource, UNBOUNDED));
    quota = new QuotaEvaluator("demand", new ResourceQuotaSpecBuilder().withHard(hard).build());
  }

  /// @param limitRange the policy's LimitRange, completed, or null
  /// @param foreign the other LimitRanges of the namespace
  /// @param resources what the quota counts, such as `limits.memory`
  /// @param pods the pods of the namespace that have not ended
  /// @param workloads resolves the workload of a pod
  /// @return the amounts by resource, in the order of the names; zero for what no pod uses
  public static Map<String, BigDecimal> of(
      LimitRangeSpec limitRange,
      List<LimitRangeSpec> foreign,
      Collection<String> resources,
      Collection<PodFacts> pods,
      Function<PodFacts, Workload> workloads) {
    var demand = new QuotaDemand(limitRange, foreign, resources);
    pods.forEach(pod -> demand.add(pod, workloads));
    return demand.amounts(resources);
  }

  private void add(PodFacts pod, Function<PodFacts, Workload> of) {
    if (pod.mirror() || pod.terminating()) {
      used.add(quota.usage(pod.shape()));
      return;
    }
    used.add(usage(pod.shape()).staying());
    var replicas = workloads.computeIfAbsent(of.apply(pod), workload -> new Replicas());
    replicas.count++;
    if (replicas.newest == null || pod.created() > replicas.newest.created()) {
      replicas.newest = pod;
    }
  }

  private Usage usage(PodShape shape) {
    return known.computeIfAbsent(
        shape,
        unknown -> {
          var preview = rules.of(unknown);
          var becomes = quota.usage(preview.becomes());
          var staying = new ResourceList();
          staying.add(becomes);
          staying.max(quota.usage(preview.runs()));
          return new Usage(becomes, staying);
        });
  }

  private Map<String, BigDecimal> amounts(Collection<String> resources) {
    var surge = new ResourceList();
    workloads.forEach(
        (workload, replicas) ->
            surge.max(
                usage(replicas.newest.shape())
                    .becomes()
                    .times(MaxSurge.of(workload, replicas.count))));
    used.add(surge);
    var amounts = new TreeMap<String, BigDecimal>();
    resources.forEach(resource -> amounts.put(resource, used.getOrZero(resource).number()));
    return amounts;
  }
}
