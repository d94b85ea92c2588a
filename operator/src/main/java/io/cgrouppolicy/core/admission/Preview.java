package io.cgrouppolicy.core.admission;

import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.limits.Child;
import io.cgrouppolicy.core.namespace.Observed;
import io.cgrouppolicy.core.pods.PodFacts;
import io.cgrouppolicy.core.pods.PodFinding;
import io.cgrouppolicy.core.pods.PodShape;
import io.cgrouppolicy.core.pods.Workload;
import io.cgrouppolicy.core.pods.WorkloadVerdict;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.fabric8.kubernetes.api.model.LimitRangeSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Previews what a policy's LimitRange and ResourceQuotas would do to the pods of a namespace if
/// each pod were recreated while the others stay.
///
/// Excludes terminating pods (their replacements are counted) and mirror pods (admission cannot
/// stop a static pod). The quotas still count mirror pods.
///
/// Starts from the pods without the defaults that LimitRanger recorded in their annotation. What
/// webhooks added, the defaults of the first of two LimitRanges, and all resources of a pod that
/// was resized in place or autoscaled count as written by the user.
///
/// An instance caches its results by pod shape, which saves most of the work. Not thread-safe.
public final class Preview {
  /// The maximum number of cached shapes. Few are in use; the others belong to pods that are gone.
  private static final int MAX_CACHED_SHAPES = 5_000;

  private static final String REJECTED_TODAY = "the LimitRange rejects it today: ";

  private final Map<PodShape, Judgement> known = new HashMap<>();
  private final Map<PodShape, Judgement> byIdentity = new IdentityHashMap<>();
  private final ShapePreview.Rules desired;
  private final ShapePreview.Rules present;
  private final List<QuotaEvaluator> quotas;
  private final CompiledPolicy policy;
  private final boolean givesDevices;

  /// The other objects in a namespace that affect pods.
  ///
  /// @param limitRange the policy's LimitRange as stored, or null; it determines PredatesLimitRange
  /// @param foreign the LimitRanges that do not belong to the policy
  public record Surroundings(LimitRangeSpec limitRange, List<LimitRangeSpec> foreign) {
    public static Surroundings of(Observed objects) {
      var ours = objects.limitRange();
      return new Surroundings(
          ours == null || !Child.isOurs(ours) ? null : ours.getSpec(),
          List.copyOf(objects.foreignLimitRanges().values()));
    }
  }

  /// A finding on one pod, of check WouldReject or PredatesLimitRange.
  public record PreviewFinding(PodFacts pod, PodFinding finding) {}

  /// A WouldReject finding by a quota on a workload, or on the namespace if `workload` is null.
  public record QuotaFinding(Workload workload, String text) {}

  /// The result of a preview.
  ///
  /// @param totals the number of pods; a pod that would be rejected does not count as changed
  /// @param findings in the order of the pods
  /// @param belowUsage one finding for each resource whose usage exceeds the quota; every pod that
  ///     uses it counts as rejected
  /// @param rollouts workloads whose rolling update would exceed the quota although each pod could
  ///     be replaced; not in the totals
  /// @param mirrorPods the number of excluded mirror pods
  /// @param givesDevices whether containers that ask for no devices would get some
  public record Result(
      WorkloadVerdict.Preview totals,
      List<PreviewFinding> findings,
      List<QuotaFinding> belowUsage,
      List<QuotaFinding> rollouts,
      int mirrorPods,
      boolean givesDevices) {
    /// Whether the policy's objects can be created without rejecting any pod later, or giving it
    /// devices that it did not ask for.
    public boolean safe() {
      return totals.wouldReject() == 0
          && belowUsage.isEmpty()
          && rollouts.isEmpty()
          && !givesDevices;
    }
  }

  /// The result for all pods of one shape.
  private final class Judgement {
    final ShapePreview preview;

    /// The usage of the recreated pod, by quota.
    final List<ResourceList> usage;

    /// The maximum per resource of the usage before and after the pod is recreated, by quota.
    final List<ResourceList> staying;

    private List<String> rejections;
    private List<ResourceList> rejectedWith;
    private List<String> predates;

    Judgement(PodShape shape) {
      preview = desired.of(shape);
      usage = usage(preview.becomes());
      staying =
          preview.changes().replacing()
              ? byQuota(i -> greater(usage.get(i), quotas.get(i).usage(preview.runs())))
              : usage;
    }

    /// Why the pod would be rejected. Its own usage is free by then, because the pod is gone before
    /// its replacement is created.
    ///
    /// @param used the same instance throughout one pass over the pods
    List<String> rejections(List<ResourceList> used) {
      if (rejections == null || used != rejectedWith) {
        rejectedWith = used;
        var found = preview.rejections();
        if (found.isEmpty()) {
          var others = byQuota(i -> used.get(i).minus(staying.get(i)));
          found = QuotaEvaluator.rejections(quotas, preview.becomes(), others);
        }
        rejections = found.stream().map(Preview::wouldReject).toList();
      }
      return rejections;
    }

    /// What the stored LimitRange and the foreign ones would change: at most one text.
    List<String> predates(PodShape shape) {
      if (predates == null) {
        predates = present == null ? List.of() : Preview.predates(present.of(shape));
      }
      return predates;
    }
  }

  public Preview(CompiledPolicy policy, Surroundings surroundings) {
    desired = new ShapePreview.Rules(policy.limitRange(), surroundings.foreign());
    present =
        surroundings.limitRange() == null
            ? null
            : new ShapePreview.Rules(surroundings.limitRange(), surroundings.foreign());
    givesDevices = !policy.limitsWithoutDefault().isEmpty();
    this.policy = policy;
    quotas = quotas(policy);
  }

  /// @param pods the pods of one namespace that have not ended
  /// @param workloads resolves the workload of a pod
  public Result judge(Collection<PodFacts> pods, Function<PodFacts, Workload> workloads) {
    if (known.size() > MAX_CACHED_SHAPES || byIdentity.size() > MAX_CACHED_SHAPES) {
      known.clear();
      byIdentity.clear();
    }
    var staying = pods.stream().filter(pod -> !pod.terminating()).toList();
    var used = used(staying);
    var findings = new ArrayList<PreviewFinding>();
    var rollouts = byQuota(i -> new SurgeQuotaCheck(quotas.get(i), used.get(i)));
    int changed = 0;
    int rejected = 0;
    int mirrors = 0;
    for (var pod : staying) {
      if (pod.mirror()) {
        mirrors++;
        continue;
      }
      var workload = workloads.apply(pod);
      var judgement = judgement(pod.shape());
      var rejections = judgement.rejections(used);
      for (var text : rejections) {
        findings.add(
            new PreviewFinding(
                pod, PodFinding.of(Check.WouldReject, "admitted", "rejected", text)));
      }
      for (var text : judgement.predates(pod.shape())) {
        findings.add(new PreviewFinding(pod, predating(pod, workload, text, rejections.isEmpty())));
      }
      if (!rejections.isEmpty()) {
        rejected++;
      } else {
        for (int i = 0; i < quotas.size(); i++) {
          rollouts.get(i).add(pod, workload, judgement.usage.get(i));
        }
        changed += judgement.preview.changes().isEmpty() ? 0 : 1;
      }
    }
    return new Result(
        new WorkloadVerdict.Preview(changed, rejected),
        findings,
        byQuota(i -> belowUsage(quotas.get(i), used.get(i))).stream()
            .flatMap(List::stream)
            .toList(),
        rollouts.stream().flatMap(check -> check.blocked().stream()).toList(),
        mirrors,
        givesDevices);
  }

  /// Sums the usage of all pods with their defaults, or without where the defaults lower it. Mirror
  /// pods get no defaults.
  private List<ResourceList> used(List<PodFacts> pods) {
    if (quotas.isEmpty()) {
      return List.of();
    }
    var counts = new IdentityHashMap<List<ResourceList>, Integer>();
    for (var pod : pods) {
      var usage = pod.mirror() ? usage(pod.shape()) : judgement(pod.shape()).staying;
      counts.merge(usage, 1, Integer::sum);
    }
    return byQuota(
        i ->
            quotas
                .get(i)
                .sum(
                    counts.entrySet().stream()
                        .map(e -> e.getKey().get(i).times(e.getValue()))
                        .toList()));
  }

  private static ResourceList greater(ResourceList a, ResourceList b) {
    var greater = new ResourceList();
    greater.add(a);
    greater.max(b);
    return greater;
  }

  private <T> List<T> byQuota(IntFunction<T> of) {
    return IntStream.range(0, quotas.size()).mapToObj(of).toList();
  }

  private Judgement judgement(PodShape shape) {
    return byIdentity.computeIfAbsent(shape, same -> known.computeIfAbsent(same, Judgement::new));
  }

  private List<ResourceList> usage(PodShape shape) {
    return byQuota(i -> quotas.get(i).usage(shape));
  }

  private static String wouldReject(Rejection rejection) {
    var after =
        rejection.kind() == Rejection.Kind.INVALID ? "with the defaults of the LimitRange, " : "";
    return "would be rejected when next created: " + after + rejection;
  }

  private static List<String> predates(ShapePreview present) {
    if (!present.rejections().isEmpty()) {
      return List.of(
          REJECTED_TODAY
              + present.rejections().stream()
                  .map(Rejection::toString)
                  .collect(Collectors.joining("; ")));
    }
    return present.changes().isEmpty()
        ? List.of()
        : List.of("the LimitRange would " + present.changes());
  }

  private PodFinding predating(PodFacts pod, Workload workload, String text, boolean restartable) {
    return new PodFinding(
        Check.PredatesLimitRange,
        "the defaults of the LimitRange",
        "created without them",
        text,
        !restartable || text.startsWith(REJECTED_TODAY)
            ? RestartAdvice.notYet()
            : givesDevices ? RestartAdvice.noDefault() : RestartAdvice.of(pod, workload));
  }

  private List<QuotaFinding> belowUsage(QuotaEvaluator quota, ResourceList used) {
    return quota.belowUsage(used).stream()
        .map(text -> new QuotaFinding(null, policy.describe(quota.name()) + text))
        .toList();
  }

  static List<QuotaEvaluator> quotas(CompiledPolicy policy) {
    return policy.resourceQuotas().entrySet().stream()
        .map(quota -> new QuotaEvaluator(quota.getKey(), quota.getValue()))
        .toList();
  }
}
