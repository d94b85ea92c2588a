package io.cgrouppolicy.core.admission;

import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.limits.Child;
import io.cgrouppolicy.core.pods.PodFacts;
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
import java.util.stream.Collectors;

/// What a policy's LimitRange and ResourceQuota would do to the pods of a namespace, were each one
/// created anew while the others stay.
///
/// Left out are pods that are shutting down, which what replaces them speaks for, and mirror pods:
/// the kubelet runs static pods whatever admission says of their picture. The quota counts mirror
/// pods all the same.
///
/// A pod that got defaults when it was created is created anew without them, as LimitRanger has
/// told what it set. What webhooks added, and of two LimitRanges that both gave defaults the first
/// one, looks as if it had been written; and so does all that a pod has which was resized in place
/// or autoscaled.
///
/// An instance remembers what it has made of the shapes of pods, which is most of the work, and is
/// for one thread at a time.
public final class Preview {
  /// How many shapes are remembered: few that are in use, and those of pods that are gone.
  private static final int MOST = 5_000;

  /// The name of the policy's quota in every namespace.
  private static final String QUOTA = Child.NAME;

  private static final String REFUSED_TODAY = "the LimitRange refuses it today: ";

  private final Map<PodShape, Judgement> known = new HashMap<>();
  private final Map<PodShape, Judgement> byIdentity = new IdentityHashMap<>();
  private final ShapePreview.Rules wanted;
  private final ShapePreview.Rules present;
  private final QuotaEvaluator quota;

  /// What is in a namespace besides its pods.
  ///
  /// @param limitRange the policy's LimitRange as it is in place, or null; what predates it is told
  /// @param foreign the LimitRanges that are not ours
  public record Surroundings(LimitRangeSpec limitRange, List<LimitRangeSpec> foreign) {}

  /// A remark on one pod, of check WouldReject or PredatesLimitRange.
  ///
  /// @param text without the pod, so that those of a workload have it in common
  /// @param advice what to do, or null
  public record Remark(
      PodFacts pod,
      Workload workload,
      Check check,
      String expected,
      String actual,
      String text,
      String advice) {}

  /// A remark on the namespace (`workload` null) or on a workload, of check WouldReject, by the
  /// quota.
  public record QuotaRemark(Workload workload, String text) {}

  /// The outcome.
  ///
  /// @param totals pods; one that would be refused is not counted as changed
  /// @param remarks in the order of the pods
  /// @param belowUsage a remark for each resource of which the pods use more than the quota allows;
  ///     each pod that uses it is counted as refused
  /// @param rollouts workloads whose rolling update would meet the quota, though each of their pods
  ///     could be replaced; not in the totals
  /// @param mirrorPods how many were left out
  public record Result(
      WorkloadVerdict.Preview totals,
      List<Remark> remarks,
      List<QuotaRemark> belowUsage,
      List<QuotaRemark> rollouts,
      int mirrorPods) {
    /// Whether the policy's objects can be put in place without anything being refused later.
    public boolean safe() {
      return totals.wouldReject() == 0 && belowUsage.isEmpty() && rollouts.isEmpty();
    }
  }

  /// What holds for all pods of a shape.
  private final class Judgement {
    final ShapePreview preview;

    /// Of the pod that is created anew.
    final ResourceList usage;

    /// Of the pod until then, or of the new one where that is more: the greater for each resource.
    final ResourceList staying;

    private List<String> rejections;
    private ResourceList rejectedWith;
    private List<String> predates;

    Judgement(PodShape shape) {
      preview = wanted.of(shape);
      usage = usage(preview.becomes());
      staying = new ResourceList();
      staying.add(usage);
      if (preview.changes().replacing()) {
        staying.max(usage(preview.runs()));
      }
    }

    /// Why it would be refused. The pod goes and leaves room for the one that replaces it.
    ///
    /// @param used one instance for each pass over the pods
    List<String> rejections(ResourceList used) {
      if (rejections == null || used != rejectedWith) {
        rejectedWith = used;
        var found = preview.rejections();
        if (found.isEmpty() && quota != null) {
          found = quota.rejection(preview.becomes(), used.minus(staying)).stream().toList();
        }
        rejections = found.stream().map(Preview::wouldReject).toList();
      }
      return rejections;
    }

    /// What the LimitRanges in place would do to it: at most one text.
    List<String> predates(PodShape shape) {
      if (predates == null) {
        predates = present == null ? List.of() : Preview.predates(present.of(shape));
      }
      return predates;
    }
  }

  public Preview(CompiledPolicy policy, Surroundings surroundings) {
    wanted = new ShapePreview.Rules(policy.limitRange(), surroundings.foreign());
    present =
        surroundings.limitRange() == null
            ? null
            : new ShapePreview.Rules(surroundings.limitRange(), surroundings.foreign());
    quota =
        policy.resourceQuota() == null ? null : new QuotaEvaluator(QUOTA, policy.resourceQuota());
  }

  /// @param pods of one namespace that have not ended
  /// @param workloads what a pod belongs to
  public static Result of(
      Collection<PodFacts> pods,
      CompiledPolicy policy,
      Surroundings surroundings,
      Function<PodFacts, Workload> workloads) {
    return new Preview(policy, surroundings).judge(pods, workloads);
  }

  /// @param pods of one namespace that have not ended
  /// @param workloads what a pod belongs to
  public Result judge(Collection<PodFacts> pods, Function<PodFacts, Workload> workloads) {
    if (known.size() > MOST || byIdentity.size() > MOST) {
      known.clear();
      byIdentity.clear();
    }
    var staying = pods.stream().filter(pod -> !pod.terminating()).toList();
    var used = used(staying);
    var remarks = new ArrayList<Remark>();
    var rollouts = new Rollouts(quota, used);
    int changed = 0;
    int refused = 0;
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
        remarks.add(
            new Remark(pod, workload, Check.WouldReject, "admitted", "refused", text, null));
      }
      for (var text : judgement.predates(pod.shape())) {
        remarks.add(predating(pod, workload, text, rejections.isEmpty()));
      }
      if (!rejections.isEmpty()) {
        refused++;
      } else {
        rollouts.add(pod, workload, judgement.usage);
        changed += judgement.preview.changes().isEmpty() ? 0 : 1;
      }
    }
    return new Result(
        new WorkloadVerdict.Preview(changed, refused),
        remarks,
        belowUsage(used),
        rollouts.blocked(),
        mirrors);
  }

  /// Of all pods after their defaults, or before where these take something away; mirror pods get
  /// none and count as they are.
  private ResourceList used(List<PodFacts> pods) {
    if (quota == null) {
      return new ResourceList();
    }
    var counts = new IdentityHashMap<ResourceList, Integer>();
    for (var pod : pods) {
      var usage = pod.mirror() ? usage(pod.shape()) : judgement(pod.shape()).staying;
      counts.merge(usage, 1, Integer::sum);
    }
    return quota.sum(counts.entrySet().stream().map(e -> e.getKey().times(e.getValue())).toList());
  }

  private Judgement judgement(PodShape shape) {
    return byIdentity.computeIfAbsent(shape, same -> known.computeIfAbsent(same, Judgement::new));
  }

  private ResourceList usage(PodShape shape) {
    return quota == null ? new ResourceList() : quota.usage(shape);
  }

  private static String wouldReject(Rejection rejection) {
    var after =
        rejection.kind() == Rejection.Kind.INVALID ? "with the defaults of the LimitRange, " : "";
    return "would be refused when next created: " + after + rejection;
  }

  private static List<String> predates(ShapePreview present) {
    if (!present.rejections().isEmpty()) {
      return List.of(
          REFUSED_TODAY
              + present.rejections().stream()
                  .map(Rejection::toString)
                  .collect(Collectors.joining("; ")));
    }
    return present.changes().isEmpty()
        ? List.of()
        : List.of("the LimitRange would " + present.changes());
  }

  private static Remark predating(
      PodFacts pod, Workload workload, String text, boolean restartable) {
    return new Remark(
        pod,
        workload,
        Check.PredatesLimitRange,
        "as the LimitRange makes new pods",
        "created before it was so",
        text,
        restartable && !text.startsWith(REFUSED_TODAY)
            ? Restart.advice(pod, workload)
            : Restart.notYet());
  }

  private List<QuotaRemark> belowUsage(ResourceList used) {
    return used.names().stream()
        .filter(resource -> used.get(resource).compareTo(quota.hard().get(resource)) > 0)
        .map(
            resource ->
                new QuotaRemark(
                    null,
                    "the quota is below what runs: %s is %s, of which %s is allowed"
                        .formatted(resource, used.get(resource), quota.hard().get(resource))))
        .toList();
  }
}
