package io.cgrouppolicy.cli.recommend;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.Violation;
import io.cgrouppolicy.cli.audit.Audit;
import io.cgrouppolicy.cli.audit.Snapshot;
import io.cgrouppolicy.cli.audit.Snapshot.NamespaceSnapshot;
import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.core.policy.Glob;
import io.cgrouppolicy.core.policy.PolicyBook;
import io.cgrouppolicy.core.policy.SystemNamespaces;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Derives a policy that rejects nothing that runs, and lets the operator's own preview confirm it.
///
/// A namespace in which the policy would reject something, such as one whose other LimitRange
/// contradicts the defaults, is left out, and the figures are derived again; unless the user named
/// the namespaces.
public final class Recommender {
  private static final int MAX_ROUNDS = 10;

  /// As many as the schema of a policy permits.
  private static final int MAX_EXCLUDED = 200;

  private final Snapshot cluster;
  private final Usage usage;
  private final Choices choices;
  private final SystemNamespaces system;
  private final Map<String, List<String>> leftOut = new TreeMap<>();

  private Recommender(Snapshot cluster, Usage usage, Choices choices, SystemNamespaces system) {
    this.cluster = cluster;
    this.usage = usage;
    this.choices = choices;
    this.system = system;
  }

  /// @param cluster at least one pod in [#selected] namespaces
  public static Recommendation of(
      Snapshot cluster, Usage usage, Choices choices, SystemNamespaces system) {
    return new Recommender(cluster, usage, choices, system).recommend();
  }

  /// The namespaces that the policy is for.
  public static List<NamespaceSnapshot> selected(
      Snapshot cluster, Choices choices, SystemNamespaces system) {
    var exclude = Glob.of(choices.exclude());
    return cluster.namespaces().stream()
        .filter(namespace -> !system.contains(namespace.name()))
        .filter(namespace -> !Glob.anyMatches(exclude, namespace.name()))
        .toList();
  }

  private Recommendation recommend() {
    for (int round = 1; ; round++) {
      var found = fit();
      var rejected = found.rejected();
      boolean done =
          rejected.isEmpty()
              || !choices.namespaces().isEmpty()
              || rejected.size() == found.namespaces()
              || choices.exclude().size() + leftOut.size() + rejected.size() > MAX_EXCLUDED
              || round == MAX_ROUNDS;
      if (done) {
        return found;
      }
      leftOut.putAll(rejected);
    }
  }

  private Recommendation fit() {
    var namespaces =
        selected(cluster, choices, system).stream()
            .filter(namespace -> !namespace.pods().isEmpty())
            .filter(namespace -> !leftOut.containsKey(namespace.name()))
            .toList();
    var limits = LimitFit.of(containers(namespaces), usage, choices);
    var withoutQuota = PolicyFactory.policy(choices, leftOut.keySet(), limits, null);
    var quota =
        QuotaFit.of(
            namespaces, cluster.workloads(), CompiledPolicy.of(withoutQuota).limitRange(), choices);
    var policy = PolicyFactory.policy(choices, leftOut.keySet(), limits, quota.hard());
    var status = audit(policy, namespaces);
    var notes = new ArrayList<>(limits.notes());
    notes.addAll(quota.notes());
    return new Recommendation(
        policy,
        choices,
        usage,
        limits,
        quota.hard(),
        notes,
        namespaces.size(),
        namespaces.stream().mapToInt(namespace -> namespace.pods().size()).sum(),
        status.preview() == null ? 0 : status.preview().wouldChange(),
        new TreeMap<>(leftOut),
        rejected(status));
  }

  private List<ContainerNeed> containers(List<NamespaceSnapshot> namespaces) {
    return namespaces.stream()
        .flatMap(namespace -> namespace.pods().stream())
        .filter(pod -> !pod.mirror() && !pod.terminating())
        .flatMap(pod -> ContainerNeed.of(pod, cluster.workloads().apply(pod), usage))
        .toList();
  }

  private CgroupPolicyStatus audit(CgroupPolicy policy, List<NamespaceSnapshot> namespaces) {
    var compiled = CompiledPolicy.of(policy);
    if (!compiled.valid()) {
      throw new IllegalStateException("recommended an invalid policy: " + compiled.problems());
    }
    var reduced = new Snapshot(namespaces, cluster.workloads(), List.of(), cluster.platform());
    var book = new PolicyBook(List.of(compiled), system);
    return Audit.of(book, reduced, null, Instant.EPOCH).get(compiled.name());
  }

  /// What the policy would reject, by namespace.
  private static Map<String, List<String>> rejected(CgroupPolicyStatus status) {
    var rejected = new TreeMap<String, List<String>>();
    for (var violation : status.violations()) {
      if (violation.check().equals(Check.WouldReject.name())) {
        rejected
            .computeIfAbsent(namespace(violation), name -> new ArrayList<>())
            .add(violation.message());
      }
    }
    return rejected;
  }

  private static String namespace(Violation violation) {
    return violation.kind().equals("Namespace") ? violation.name() : violation.namespace();
  }
}
