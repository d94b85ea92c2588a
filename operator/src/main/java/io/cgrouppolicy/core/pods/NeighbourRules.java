package io.cgrouppolicy.core.pods;

import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.Finding;
import io.cgrouppolicy.core.check.NameList;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/// Judges HazardousNeighbours: pods that can use all memory of a node next to pods that the node
/// must not lose.
///
/// A hazard is a pod in a namespace selected by the policy with a container that has no memory
/// limit (see [DeclaredResources]); every BestEffort pod is one. Endangered are Guaranteed and
/// system-critical pods in any namespace, except those that are hazards themselves. Terminating
/// pods count as neither.
public final class NeighbourRules {
  private static final Set<String> CRITICAL_CLASSES =
      Set.of("system-node-critical", "system-cluster-critical");

  /// `SystemCriticalPriority` in pkg/apis/scheduling: the kubelet treats pods of this priority and
  /// above as critical.
  private static final int CRITICAL_PRIORITY = 2_000_000_000;

  private static final BigDecimal MIB = BigDecimal.valueOf(1L << 20);
  private static final BigDecimal GIB = BigDecimal.valueOf(1L << 30);

  private static final Comparator<PodFacts> BY_NAME =
      Comparator.comparing(PodFacts::namespace).thenComparing(PodFacts::name);

  private NeighbourRules() {}

  /// The usage of pods as a kubelet reports it.
  ///
  /// @param workingSets in bytes, by NAMESPACE/NAME
  public static Function<PodFacts, OptionalLong> usage(Map<String, Long> workingSets) {
    return pod -> {
      var bytes = workingSets.get(pod.namespace() + "/" + pod.name());
      return bytes == null ? OptionalLong.empty() : OptionalLong.of(bytes);
    };
  }

  public static NeighbourVerdict verdict(
      CompiledPolicy policy,
      Collection<PodFacts> pods,
      Predicate<PodFacts> selected,
      Function<PodFacts, OptionalLong> usage) {
    return new NeighbourVerdict(
        policy.uid(), policy.generation(), finding(pods, selected, usage).orElse(null));
  }

  /// @param pods all pods on the node
  /// @param selected whether the policy selects the pod's namespace
  /// @param usage the pod's memory working set in bytes, if known
  public static Optional<Finding> finding(
      Collection<PodFacts> pods,
      Predicate<PodFacts> selected,
      Function<PodFacts, OptionalLong> usage) {
    var hazards = new ArrayList<String>();
    int guaranteed = 0;
    int critical = 0;
    PodFacts worst = null;
    long most = -1;
    for (var pod : pods) {
      if (pod.terminating()) {
        continue;
      }
      if (selected.test(pod) && isUncapped(pod.shape())) {
        hazards.add(pod.namespace() + "/" + pod.name());
        var known = usage.apply(pod);
        long used = known.isPresent() ? step(known.getAsLong()) : -1;
        if (worst == null || used > most || used == most && BY_NAME.compare(pod, worst) < 0) {
          worst = pod;
          most = used;
        }
      } else if (isCritical(pod.shape())) {
        critical++;
      } else if (Qos.of(pod.shape()) == Qos.Guaranteed) {
        guaranteed++;
      }
    }
    if (hazards.isEmpty() || guaranteed + critical == 0) {
      return Optional.empty();
    }
    var uncapped = count(hazards.size(), "") + " without a memory limit";
    var endangered = " next to " + endangered(guaranteed, critical);
    return Optional.of(
        Finding.of(
            Check.HazardousNeighbours,
            "no pods without a memory limit next to guaranteed or system-critical ones",
            uncapped,
            most < 0
                ? uncapped + ": " + NameList.of(hazards) + ";" + endangered
                : uncapped
                    + endangered
                    + "; the largest, %s/%s, uses about %s"
                        .formatted(worst.namespace(), worst.name(), size(most))));
  }

  /// Whether only the node bounds the pod's memory.
  public static boolean isUncapped(PodShape pod) {
    return !DeclaredResources.withoutLimit(pod, "memory").isEmpty();
  }

  public static boolean isCritical(PodShape pod) {
    return CRITICAL_CLASSES.contains(pod.priorityClass()) || pod.priority() >= CRITICAL_PRIORITY;
  }

  private static String endangered(int guaranteed, int critical) {
    if (guaranteed == 0) {
      return count(critical, "system-critical ");
    }
    return critical == 0
        ? count(guaranteed, "guaranteed ")
        : guaranteed + " guaranteed and " + count(critical, "system-critical ");
  }

  private static String count(int n, String kind) {
    return n + " " + kind + (n == 1 ? "pod" : "pods");
  }

  /// Rounds to one of four steps per doubling (4, 5, 6, 7, 8, 10, 12 GiB). Usage changes with every
  /// reading, and each change of the message is a write of the policy's status. The largest pod is
  /// chosen by its rounded usage too, so that two pods of similar size do not alternate.
  static long step(long bytes) {
    long step = Math.max(1, Long.highestOneBit(bytes) / 4);
    return (bytes + step / 2) / step * step;
  }

  /// Formats a size rounded by [#step(long)].
  static String size(long bytes) {
    var amount = BigDecimal.valueOf(bytes);
    return amount.compareTo(GIB) >= 0 ? in(amount, GIB) + " GiB" : in(amount, MIB) + " MiB";
  }

  private static String in(BigDecimal amount, BigDecimal unit) {
    var number = amount.divide(unit, 2, RoundingMode.HALF_UP);
    return number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString();
  }
}
