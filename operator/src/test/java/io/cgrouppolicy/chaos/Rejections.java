package io.cgrouppolicy.chaos;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.api.v1alpha1.LimitRangeTemplate;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// Whether a policy's objects might reject a pod that exists: a rough upper bound, by memory and
/// the number of pods alone.
final class Rejections {
  private Rejections() {}

  static boolean possible(CgroupPolicy policy, List<Pod> pods) {
    var namespaces = policy.getSpec().namespaces();
    var items =
        namespaces.limitRange() == null
            ? List.<LimitRangeTemplate.Item>of()
            : namespaces.limitRange().limits();
    var quotas =
        Stream.concat(
                Stream.ofNullable(namespaces.resourceQuota()).map(quota -> quota.hard()),
                namespaces.namedQuotas().stream().map(quota -> quota.hard()))
            .toList();
    // A rolling update adds a quarter of the replicas, rounded up for each workload.
    long recreated = pods.size() + pods.stream().filter(Rejections::ofReplicaSet).count();
    return pods.stream()
            .flatMap(pod -> pod.getSpec().getContainers().stream())
            .anyMatch(container -> items.stream().anyMatch(item -> rejects(item, container)))
        || quotas.stream()
            .anyMatch(
                hard ->
                    hard.containsKey("pods") && bytes(hard, "pods").longValue() < recreated
                        || hard.keySet().stream().anyMatch(key -> key.startsWith("limits."))
                            && items.isEmpty());
  }

  private static boolean ofReplicaSet(Pod pod) {
    return pod.getMetadata().getOwnerReferences().stream()
        .anyMatch(owner -> owner.getKind().equals("ReplicaSet"));
  }

  private static boolean rejects(LimitRangeTemplate.Item item, Container container) {
    if (!item.type().equals("Container")) {
      return false;
    }
    var max = bytes(item.max(), "memory");
    var limit = bytes(container.getResources().getLimits(), "memory");
    if (limit == null) {
      limit = bytes(item.defaultLimit(), "memory");
    }
    if (limit == null) {
      limit = max;
    }
    var request = bytes(container.getResources().getRequests(), "memory");
    return limit != null
        && (max != null && limit.compareTo(max) > 0
            || request != null && request.compareTo(limit) > 0);
  }

  private static BigDecimal bytes(Map<String, Quantity> amounts, String resource) {
    return amounts == null || !amounts.containsKey(resource)
        ? null
        : amounts.get(resource).getNumericalAmount();
  }
}
