package io.cgrouppolicy.report;

import io.cgrouppolicy.core.admission.PodResources;
import io.cgrouppolicy.core.admission.ResourceList;
import io.cgrouppolicy.core.kubelet.KubeletConfiguration;
import io.cgrouppolicy.core.kubelet.NodeFacts;
import io.cgrouppolicy.core.kubelet.Threshold;
import io.cgrouppolicy.core.limits.Quantities;
import io.cgrouppolicy.core.pods.NeighbourRules;
import io.cgrouppolicy.core.pods.PodFacts;
import io.cgrouppolicy.core.pods.PodShape;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;

/// What a node has, what of it is reserved, and what its pods ask for.
///
/// @param memory in bytes
/// @param cpu in thousandths of a CPU
/// @param load null if the pods are unknown
public record NodePicture(String name, boolean ready, Share memory, Share cpu, Load load) {
  /// An amount that neither the node nor its kubelet reports.
  public static final long UNKNOWN = -1;

  /// @param capacity or UNKNOWN
  /// @param allocatable what pods may request together, or UNKNOWN
  /// @param reserved null if the kubelet's configuration is unknown
  public record Share(long capacity, long allocatable, Reserved reserved) {}

  /// What the kubelet keeps from pods.
  ///
  /// @param system for system daemons
  /// @param kube for Kubernetes daemons
  /// @param eviction below this amount of available memory, the kubelet evicts pods; 0 for CPU
  public record Reserved(long system, long kube, long eviction) {}

  /// What the pods that have not ended ask for together.
  ///
  /// @param memory in bytes
  /// @param cpu in thousandths of a CPU
  /// @param uncapped how many of the pods have a container without a memory limit
  public record Load(Asked memory, Asked cpu, int pods, int uncapped) {}

  /// @param limits of the pods that have one
  public record Asked(long requests, long limits) {}

  /// @param kubelet the configuration in force, or null if unknown
  /// @param pods on the node, or null if unknown
  public static NodePicture of(
      NodeFacts node, KubeletConfiguration kubelet, Collection<PodFacts> pods) {
    return new NodePicture(
        node.name(),
        node.ready(),
        share(node, kubelet, Unit.MEMORY),
        share(node, kubelet, Unit.CPU),
        pods == null ? null : load(pods));
  }

  /// The resources of the picture.
  private enum Unit {
    MEMORY("memory", 0),
    CPU("cpu", 3);

    private final String resource;

    /// Decimal places that an amount keeps.
    private final int scale;

    Unit(String resource, int scale) {
      this.resource = resource;
      this.scale = scale;
    }

    long amount(Map<String, Quantity> amounts, long absent) {
      var amount = amounts.get(resource);
      return amount == null ? absent : rounded(Quantities.number(amount));
    }

    /// Rounds up, as the API server does.
    long rounded(BigDecimal number) {
      return number
          .movePointRight(scale)
          .setScale(0, RoundingMode.CEILING)
          .min(BigDecimal.valueOf(Long.MAX_VALUE))
          .longValue();
    }
  }

  private static Share share(NodeFacts node, KubeletConfiguration kubelet, Unit unit) {
    long capacity = unit.amount(node.capacity(), UNKNOWN);
    var reserved = kubelet == null ? null : reserved(kubelet, capacity, unit);
    return new Share(
        capacity,
        unit.amount(node.allocatable(), reserved == null ? UNKNOWN : rest(capacity, reserved)),
        reserved);
  }

  /// What the kubelet computes (`GetNodeAllocatable` in pkg/kubelet/cm, v1.36). The operator does
  /// not cache what nodes report of it.
  private static long rest(long capacity, Reserved reserved) {
    return capacity == UNKNOWN
        ? UNKNOWN
        : Math.max(0, capacity - reserved.system() - reserved.kube() - reserved.eviction());
  }

  private static Reserved reserved(KubeletConfiguration kubelet, long capacity, Unit unit) {
    if (unit == Unit.CPU && kubelet.reservedSystemCpus() > 0) {
      return new Reserved(1000L * kubelet.reservedSystemCpus(), 0, 0);
    }
    return new Reserved(
        unit.amount(kubelet.system().amounts(), 0),
        unit.amount(kubelet.kube().amounts(), 0),
        unit == Unit.MEMORY ? eviction(kubelet, capacity) : 0);
  }

  private static long eviction(KubeletConfiguration kubelet, long capacity) {
    var threshold = kubelet.json().path("evictionHard").path("memory.available");
    return Optional.ofNullable(threshold.textValue())
        .flatMap(Threshold::parse)
        .map(given -> given.of(BigDecimal.valueOf(Math.max(0, capacity))))
        .map(amount -> Unit.MEMORY.rounded(amount.max(BigDecimal.ZERO)))
        .orElse(0L);
  }

  /// Computes each shape once, as the pods of a workload share one.
  private static Load load(Collection<PodFacts> pods) {
    var shapes = new IdentityHashMap<PodShape, Integer>();
    pods.forEach(pod -> shapes.merge(pod.shape(), 1, Integer::sum));
    var sums = new Sums();
    int uncapped = 0;
    for (var entry : shapes.entrySet()) {
      sums.add(entry.getKey(), entry.getValue());
      uncapped += NeighbourRules.isUncapped(entry.getKey()) ? entry.getValue() : 0;
    }
    return new Load(sums.of(Unit.MEMORY), sums.of(Unit.CPU), pods.size(), uncapped);
  }

  /// Sums of requests and limits by resource.
  private static final class Sums {
    private final BigDecimal[] requests = {BigDecimal.ZERO, BigDecimal.ZERO};
    private final BigDecimal[] limits = {BigDecimal.ZERO, BigDecimal.ZERO};

    void add(PodShape shape, int pods) {
      add(requests, PodResources.requests(shape), pods);
      add(limits, PodResources.limits(shape), pods);
    }

    private static void add(BigDecimal[] sums, ResourceList amounts, int pods) {
      for (var unit : Unit.values()) {
        var amount = amounts.get(unit.resource);
        if (amount != null) {
          sums[unit.ordinal()] =
              sums[unit.ordinal()].add(amount.number().multiply(BigDecimal.valueOf(pods)));
        }
      }
    }

    Asked of(Unit unit) {
      return new Asked(
          unit.rounded(requests[unit.ordinal()]), unit.rounded(limits[unit.ordinal()]));
    }
  }
}
