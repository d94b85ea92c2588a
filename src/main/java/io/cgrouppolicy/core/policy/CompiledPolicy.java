package io.cgrouppolicy.core.policy;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicySpec;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicySpec.DeletionPolicy;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicySpec.Mode;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicySpec.Rollout;
import io.cgrouppolicy.core.check.Problem;
import io.cgrouppolicy.core.limits.LimitRangeRules;
import io.cgrouppolicy.core.limits.ResourceQuotaRules;
import io.fabric8.kubernetes.api.model.LimitRangeSpec;
import io.fabric8.kubernetes.api.model.ResourceQuotaSpec;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/// A policy, validated and prepared once, so that judging a namespace costs next to nothing.
///
/// @param problems why the policy is invalid; the rest is usable only where this is empty
/// @param limitRange the completed LimitRange of each selected namespace, or null for none
/// @param resourceQuota the canonical ResourceQuota of each selected namespace, or null for none
public record CompiledPolicy(
    String name,
    String uid,
    long generation,
    String created,
    CgroupPolicySpec spec,
    List<Problem> problems,
    List<Glob> exclude,
    LimitRangeSpec limitRange,
    ResourceQuotaSpec resourceQuota) {

  /// The order in which policies win: higher priority, then older, then by name.
  public static final Comparator<CompiledPolicy> PRECEDENCE =
      Comparator.comparingInt(CompiledPolicy::priority)
          .reversed()
          .thenComparing(CompiledPolicy::created)
          .thenComparing(CompiledPolicy::name);

  public static CompiledPolicy of(CgroupPolicy policy) {
    var metadata = policy.getMetadata();
    var spec = policy.getSpec();
    var problems = PolicyValidator.validate(spec);
    var namespaces = spec == null || !problems.isEmpty() ? null : spec.namespaces();
    return new CompiledPolicy(
        metadata.getName(),
        metadata.getUid(),
        metadata.getGeneration() == null ? 0 : metadata.getGeneration(),
        metadata.getCreationTimestamp() == null ? "" : metadata.getCreationTimestamp(),
        spec,
        problems,
        namespaces == null ? List.of() : Glob.of(namespaces.exclude()),
        namespaces == null || namespaces.limitRange() == null
            ? null
            : LimitRangeRules.complete(namespaces.limitRange()),
        namespaces == null || namespaces.resourceQuota() == null
            ? null
            : ResourceQuotaRules.canonical(namespaces.resourceQuota()));
  }

  /// By name: a policy is a key in maps, and hashing a whole spec each time is work.
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

  /// Whether the objects stay when the policy goes.
  public boolean orphans() {
    return spec != null && spec.deletionPolicy() == DeletionPolicy.Orphan;
  }

  /// Whether what its objects would do to pods is told.
  public boolean previews() {
    return limitRange != null || resourceQuota != null;
  }

  /// Whether it says anything of the pods of a namespace.
  public boolean judgesPods() {
    return valid() && (spec.workloads() != null || previews());
  }

  /// Whether it needs to know of pods at all; the causes of pressure do.
  public boolean needsPods() {
    return judgesPods() || valid() && spec.nodes() != null && spec.nodes().pressure() != null;
  }

  /// Whether it looks for pods without limits beside important ones on the nodes that it selects.
  public boolean judgesNeighbours() {
    return valid() && spec.workloads() != null && spec.nodes() != null;
  }

  /// Whether objects are put in place only where they refuse nothing that runs.
  public boolean waitsUntilSafe() {
    return spec != null && spec.rollout() == Rollout.WhenSafe;
  }

  /// Whether the policy is about a node with these labels, seen alone.
  public boolean selectsNode(Map<String, String> labels) {
    return valid() && spec.nodes() != null && Labels.match(spec.nodes().selector(), labels);
  }

  /// Whether the policy is about this namespace, seen alone: other policies may win it.
  ///
  /// @param system whether the namespace is one of the system's
  public boolean selects(String namespace, Map<String, String> labels, boolean system) {
    if (!valid() || spec.namespaces() == null) {
      return false;
    }
    return (!system || Boolean.TRUE.equals(spec.namespaces().includeSystem()))
        && Labels.match(spec.namespaces().selector(), labels)
        && !Glob.anyMatches(exclude, namespace);
  }
}
