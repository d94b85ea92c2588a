package io.cgrouppolicy.core.policy;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicySpec;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicySpec.DeletionPolicy;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicySpec.Mode;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicySpec.Rollout;
import io.cgrouppolicy.api.v1alpha1.NamespacesSpec;
import io.cgrouppolicy.core.check.Problem;
import io.cgrouppolicy.core.limits.Annotations;
import io.cgrouppolicy.core.limits.Child;
import io.cgrouppolicy.core.limits.LimitRangeRules;
import io.cgrouppolicy.core.limits.ResourceNames;
import io.cgrouppolicy.core.limits.ResourceQuotaRules;
import io.fabric8.kubernetes.api.model.LimitRangeSpec;
import io.fabric8.kubernetes.api.model.ResourceQuotaSpec;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/// A validated policy with precomputed objects, so that judging a namespace is cheap.
///
/// @param problems why the policy is invalid; if not empty, the other components must not be used
/// @param limitRange the completed LimitRange for each selected namespace, or null
/// @param limitsWithoutDefault describes the devices and huge pages that the LimitRange would give
///     to containers that ask for none. The CRD's schema rejects them, but a policy may be older
///     than that rule
/// @param resourceQuotas the canonical ResourceQuotas for each selected namespace, by object name
public record CompiledPolicy(
    String name,
    String uid,
    long generation,
    String created,
    CgroupPolicySpec spec,
    List<Problem> problems,
    List<Glob> exclude,
    LimitRangeSpec limitRange,
    List<String> limitsWithoutDefault,
    Map<String, ResourceQuotaSpec> resourceQuotas) {

  /// The precedence of policies: higher priority first, then older, then by name.
  public static final Comparator<CompiledPolicy> PRECEDENCE =
      Comparator.comparingInt(CompiledPolicy::priority)
          .reversed()
          .thenComparing(CompiledPolicy::created)
          .thenComparing(CompiledPolicy::name);

  public static CompiledPolicy of(CgroupPolicy policy) {
    var metadata = policy.getMetadata();
    var spec = policy.getSpec();
    var unreadable = policy.unreadable();
    var problems = unreadable.isEmpty() ? PolicyValidator.validate(spec) : unreadable;
    var namespaces = spec == null || !problems.isEmpty() ? null : spec.namespaces();
    var limitRange = namespaces == null ? null : namespaces.limitRange();
    return new CompiledPolicy(
        metadata.getName(),
        metadata.getUid(),
        metadata.getGeneration() == null ? 0 : metadata.getGeneration(),
        metadata.getCreationTimestamp() == null ? "" : metadata.getCreationTimestamp(),
        spec,
        problems,
        namespaces == null ? List.of() : Glob.of(namespaces.exclude()),
        limitRange == null ? null : LimitRangeRules.complete(limitRange),
        limitRange == null ? List.of() : LimitRangeRules.withoutDefault(limitRange),
        namespaces == null ? Map.of() : resourceQuotas(namespaces));
  }

  private static Map<String, ResourceQuotaSpec> resourceQuotas(NamespacesSpec namespaces) {
    var quotas = new TreeMap<String, ResourceQuotaSpec>();
    if (namespaces.resourceQuota() != null) {
      quotas.put(Child.NAME, ResourceQuotaRules.canonical(namespaces.resourceQuota()));
    }
    for (var quota : namespaces.namedQuotas()) {
      quotas.put(Child.quotaName(quota.name()), ResourceQuotaRules.canonical(quota.template()));
    }
    return quotas;
  }

  /// Hashes the name only: policies are map keys, and hashing a whole spec is expensive.
  @Override
  public int hashCode() {
    return name.hashCode();
  }

  public boolean valid() {
    return problems.isEmpty();
  }

  public int priority() {
    return spec == null || spec.priority() == null ? 0 : spec.priority();
  }

  public boolean enforces() {
    return spec != null && spec.mode() == Mode.Enforce;
  }

  /// Whom the owners of the selected namespaces ask about the policy, or null.
  public String contact() {
    return spec == null ? null : spec.contact();
  }

  /// The annotations of the objects in the selected namespaces.
  public Map<String, String> annotations() {
    return Annotations.of(name, contact(), spec == null ? null : spec.documentation());
  }

  /// Whether the objects stay when the policy is deleted.
  public boolean orphans() {
    return spec != null && spec.deletionPolicy() == DeletionPolicy.Orphan;
  }

  /// The objects of a namespace, in the order in which they must be created.
  public List<Child> children() {
    return Stream.concat(
            Stream.ofNullable(limitRange).map(spec -> Child.LIMIT_RANGE),
            resourceQuotas.keySet().stream().map(Child::quota))
        .toList();
  }

  /// Describes a quota in messages, without its name if the policy has only the usual one.
  public String describe(String quota) {
    return resourceQuotas.size() == 1 && quota.equals(Child.NAME) ? "the quota" : "quota " + quota;
  }

  /// Whether the operator previews what the policy's objects would do to pods.
  public boolean previews() {
    return limitRange != null || !resourceQuotas.isEmpty();
  }

  /// Whether the policy limits PersistentVolumeClaims.
  public boolean limitsStorage() {
    return limitRange != null
            && limitRange.getLimits().stream()
                .anyMatch(item -> item.getType().equals("PersistentVolumeClaim"))
        || resourceQuotas.values().stream()
            .flatMap(quota -> quota.getHard().keySet().stream())
            .anyMatch(ResourceNames::isOfClaims);
  }

  /// Whether a quota of the policy can reject a new ReplicaSet.
  public boolean limitsReplicaSets() {
    return resourceQuotas.values().stream()
        .anyMatch(quota -> quota.getHard().containsKey("count/replicasets.apps"));
  }

  /// Whether the policy judges the pods of a namespace.
  public boolean judgesPods() {
    return valid() && (spec.workloads() != null || previews());
  }

  /// Whether the policy needs to know about pods at all; finding the causes of pressure does.
  public boolean needsPods() {
    return judgesPods() || valid() && spec.nodes() != null && spec.nodes().pressure() != null;
  }

  /// Whether the policy judges HazardousNeighbours on its nodes.
  public boolean judgesNeighbours() {
    return valid() && spec.workloads() != null && spec.nodes() != null;
  }

  /// Whether objects are created only where they reject no running pod.
  public boolean waitsUntilSafe() {
    return spec != null && spec.rollout() == Rollout.WhenSafe;
  }

  /// Whether the policy selects a node with these labels, regardless of other policies.
  public boolean selectsNode(Map<String, String> labels) {
    return valid() && spec.nodes() != null && Labels.match(spec.nodes().selector(), labels);
  }

  /// Whether the policy selects the namespace, regardless of other policies, which may take
  /// precedence.
  ///
  /// @param system whether this is a system namespace
  public boolean selects(String namespace, Map<String, String> labels, boolean system) {
    if (!valid() || spec.namespaces() == null) {
      return false;
    }
    return (!system || Boolean.TRUE.equals(spec.namespaces().includeSystem()))
        && Labels.match(spec.namespaces().selector(), labels)
        && !Glob.anyMatches(exclude, namespace);
  }
}
