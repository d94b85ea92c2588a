package io.cgrouppolicy.cli.explain;

import io.cgrouppolicy.cli.audit.Snapshot.NamespaceSnapshot;
import io.cgrouppolicy.cli.explain.Explanation.Origin;
import io.cgrouppolicy.cli.explain.Explanation.PolicyResult;
import io.cgrouppolicy.cli.explain.Explanation.Relation;
import io.cgrouppolicy.cli.explain.Explanation.Requirement;
import io.cgrouppolicy.cli.explain.Explanation.Result;
import io.cgrouppolicy.core.admission.Admission;
import io.cgrouppolicy.core.admission.Admission.Quota;
import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.limits.Annotations;
import io.cgrouppolicy.core.limits.Child;
import io.cgrouppolicy.core.namespace.NamespacePlanner;
import io.cgrouppolicy.core.pods.PodFacts;
import io.cgrouppolicy.core.pods.WorkloadRules;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.core.policy.PolicyBook;
import io.cgrouppolicy.core.policy.PolicyBook.Selection;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.LimitRangeSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.ResourceQuotaSpecBuilder;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/// Evaluates one pod by the LimitRanges and ResourceQuotas of its namespace, and by those that each
/// policy would put there.
public final class Explainer {
  /// The findings on objects that are missing or changed.
  private static final Set<Check> ABSENT =
      EnumSet.of(
          Check.LimitRangeMissing,
          Check.LimitRangeDrifted,
          Check.ResourceQuotaMissing,
          Check.ResourceQuotaDrifted);

  private static final Map<String, Quantity> NOTHING = Map.of();

  private final PolicyBook book;
  private final String noPolicies;
  private final NamespaceSnapshot namespace;
  private final List<ResourceQuota> quotas;
  private final Candidate candidate;
  private final Selection selection;

  private Explainer(
      PolicyBook book,
      String noPolicies,
      NamespaceSnapshot namespace,
      List<ResourceQuota> quotas,
      Candidate candidate) {
    this.book = book;
    this.noPolicies = noPolicies;
    this.namespace = namespace;
    this.quotas = quotas;
    this.candidate = candidate;
    this.selection = book.select(namespace.name(), namespace.labels());
  }

  /// @param noPolicies why the book is empty, or null
  /// @param quotas all of the namespace
  public static Explanation explain(
      PolicyBook book,
      String noPolicies,
      NamespaceSnapshot namespace,
      List<ResourceQuota> quotas,
      Candidate candidate) {
    return new Explainer(book, noPolicies, namespace, quotas, candidate).explain();
  }

  private Explanation explain() {
    var now = now();
    return new Explanation(
        candidate.subject(),
        candidate.namespace(),
        creation(),
        book.policies().stream().map(policy -> relation(policy, now)).toList(),
        noPolicies,
        Stream.concat(limitRanges(), quotas.stream()).map(Explainer::origin).toList(),
        result(now),
        selection.judging().stream()
            .filter(policy -> policy.previews() && !isInForce(policy))
            .map(policy -> new PolicyResult(policy.name(), notInForce(policy), with(policy)))
            .toList());
  }

  private String creation() {
    if (candidate.replaced() != null) {
      return candidate.running() == 1
          ? "created again, after the pod that runs is gone"
          : "created again, after one of the %d that run is gone".formatted(candidate.running());
    }
    return switch (candidate.running()) {
      case 0 -> "created";
      case 1 -> "created beside the one that runs";
      default -> "created beside the %d that run".formatted(candidate.running());
    };
  }

  private Relation relation(CompiledPolicy policy, Admission now) {
    var judging = selection.judging().contains(policy);
    var governs = selection.governing().filter(policy::equals).isPresent();
    if (!book.selects(policy, namespace.name(), namespace.labels())) {
      return new Relation(
          policy.name(),
          policy.valid() ? "does not select the namespace" : "is invalid",
          Selections.whyNot(book, policy, namespace.name(), namespace.labels()),
          List.of());
    }
    var facts =
        "mode %s, priority %d; %s"
            .formatted(policy.spec().mode(), policy.priority(), Selections.selector(policy));
    if (!judging) {
      return new Relation(
          policy.name(),
          "is overruled",
          facts + "; policy " + selection.governing().orElseThrow().name() + " has precedence",
          List.of());
    }
    return new Relation(
        policy.name(), governs ? "governs" : "audits", facts, requirements(policy, now));
  }

  private List<Requirement> requirements(CompiledPolicy policy, Admission now) {
    if (policy.spec().workloads() == null) {
      return List.of();
    }
    var admission = isInForce(policy) || !policy.previews() ? now : admission(policy);
    var outcome = admission.admit(candidate.written());
    return WorkloadRules.findings(policy.spec().workloads(), outcome.stored()).stream()
        .map(found -> new Requirement(found.check().name(), found.text()))
        .toList();
  }

  private boolean isInForce(CompiledPolicy policy) {
    return selection.governing().filter(policy::equals).isPresent()
        && NamespacePlanner.plan(book, selection, namespace.objects())
            .findings()
            .getOrDefault(policy, List.of())
            .stream()
            .noneMatch(finding -> ABSENT.contains(finding.check()));
  }

  private static String notInForce(CompiledPolicy policy) {
    if (policy.uid().isEmpty()) {
      return "the policy is not in the cluster";
    }
    if (!policy.enforces()) {
      return "the policy is in mode Audit";
    }
    return policy.waitsUntilSafe()
        ? "the policy waits until its objects would reject nothing, or the operator does not run"
        : "the operator has not created or updated them yet, or does not run";
  }

  private Result with(CompiledPolicy policy) {
    return result(admission(policy));
  }

  private Result result(Admission admission) {
    return Results.of(candidate, admission);
  }

  /// The objects that are in the namespace.
  private Admission now() {
    return new Admission(
        limitRanges().map(LimitRange::getSpec).toList(),
        quotas.stream().map(quota -> without(stored(quota))).toList());
  }

  private Stream<LimitRange> limitRanges() {
    var objects = namespace.objects();
    return Stream.concat(
        Stream.ofNullable(objects.limitRange()), objects.otherLimitRanges().stream());
  }

  private static Origin origin(HasMetadata object) {
    var annotations = object.getMetadata().getAnnotations();
    return new Origin(
        object.getKind(),
        object.getMetadata().getName(),
        Child.policyOf(object).orElse(null),
        annotations == null ? null : annotations.get(Annotations.CONTACT),
        annotations == null ? null : annotations.get(Annotations.DOCUMENTATION));
  }

  /// A quota as admission sees it: by the status, which the quota controller writes. A quota
  /// without one is not in force yet.
  private static Quota stored(ResourceQuota quota) {
    var status = quota.getStatus();
    var hard = status == null || status.getHard() == null ? NOTHING : status.getHard();
    var used = status == null || status.getUsed() == null ? NOTHING : status.getUsed();
    return Quota.of(
        quota.getMetadata().getName(),
        new ResourceQuotaSpecBuilder(quota.getSpec()).withHard(hard).build(),
        used);
  }

  private Quota without(Quota quota) {
    return candidate.replaced() == null ? quota : quota.without(candidate.replaced());
  }

  /// The objects of a policy, beside those of others.
  private Admission admission(CompiledPolicy policy) {
    var limitRanges = new ArrayList<LimitRangeSpec>();
    if (policy.limitRange() != null) {
      limitRanges.add(policy.limitRange());
    }
    limitRanges.addAll(namespace.objects().foreignLimitRanges().values());
    var all =
        quotas.stream()
            .filter(quota -> !Child.isQuotaName(quota.getMetadata().getName()))
            .map(Explainer::stored);
    var running =
        namespace.pods().stream().filter(pod -> !pod.terminating()).map(PodFacts::shape).toList();
    var own =
        policy.resourceQuotas().entrySet().stream()
            .map(quota -> Quota.of(quota.getKey(), quota.getValue(), running));
    return new Admission(limitRanges, Stream.concat(own, all).map(this::without).toList());
  }
}
