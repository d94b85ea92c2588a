package io.cgrouppolicy.core.pods;

import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.Finding;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/// HazardousNeighbours: pods that can take all memory of a node, beside pods that the node must not
/// lose.
///
/// A hazard is a pod of a namespace that the policy selects, of which some container has no memory
/// limit, as [Declarations] tells; each BestEffort pod is one. In danger are the pods of all
/// namespaces that are of QoS class Guaranteed or system-critical by their priority, but not those
/// that are hazards themselves: a pod is no neighbour of its own. Pods that are terminating count
/// for neither.
public final class NeighbourRules {
  private static final Set<String> CRITICAL_CLASSES =
      Set.of("system-node-critical", "system-cluster-critical");

  /// `SystemCriticalPriority` of pkg/apis/scheduling, from which on the kubelet takes a pod for
  /// critical.
  private static final int CRITICAL_PRIORITY = 2_000_000_000;

  private static final BigDecimal MIB = BigDecimal.valueOf(1L << 20);
  private static final BigDecimal GIB = BigDecimal.valueOf(1L << 30);

  private static final Comparator<PodFacts> BY_NAME =
      Comparator.comparing(PodFacts::namespace).thenComparing(PodFacts::name);

  private NeighbourRules() {}

  public static NeighbourVerdict verdict(
      CompiledPolicy policy,
      Collection<PodFacts> pods,
      Predicate<PodFacts> selected,
      Function<PodFacts, OptionalLong> usage) {
    return new NeighbourVerdict(
        policy.uid(), policy.generation(), finding(pods, selected, usage).orElse(null));
  }

  /// @param pods all that are on the node
  /// @param selected whether the policy selects the pod's namespace
  /// @param usage memory working set in bytes, where it is known
  public static Optional<Finding> finding(
      Collection<PodFacts> pods,
      Predicate<PodFacts> selected,
      Function<PodFacts, OptionalLong> usage) {
    int hazards = 0;
    int guaranteed = 0;
    int critical = 0;
    PodFacts worst = null;
    long most = -1;
    for (var pod : pods) {
      if (pod.terminating()) {
        continue;
      }
      if (selected.test(pod) && isUncapped(pod.shape())) {
        hazards++;
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
    if (hazards == 0 || guaranteed + critical == 0) {
      return Optional.empty();
    }
    var name = worst.namespace() + "/" + worst.name();
    var uncapped = count(hazards, "") + " without a memory limit";
    return Optional.of(
        Finding.of(
            Check.HazardousNeighbours,
            "no pods without a memory limit beside guaranteed or system-critical ones",
            uncapped,
            uncapped
                + " beside "
                + endangered(guaranteed, critical)
                + (most < 0
                    ? "; among them is " + name
                    : "; the largest, " + name + ", uses about " + size(most))));
  }

  /// Whether nothing but the node bounds the pod's memory.
  public static boolean isUncapped(PodShape pod) {
    return !Declarations.withoutLimit(pod, "memory").isEmpty();
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

  /// Rounded to one of four steps in each doubling (4, 5, 6, 7, 8, 10, 12 GiB): usage changes with
  /// every reading, and each change of the message is a write of the policy's status. The largest
  /// pod is told by the step as well, so that two of about the same size do not take turns.
  static long step(long bytes) {
    long step = Math.max(1, Long.highestOneBit(bytes) / 4);
    return (bytes + step / 2) / step * step;
  }

  /// Of a size that [#step(long)] has rounded.
  static String size(long bytes) {
    var amount = BigDecimal.valueOf(bytes);
    return amount.compareTo(GIB) >= 0 ? in(amount, GIB) + " GiB" : in(amount, MIB) + " MiB";
  }

  private static String in(BigDecimal amount, BigDecimal unit) {
    var number = amount.divide(unit, 2, RoundingMode.HALF_UP);
    return number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString();
  }
}
