package io.cgrouppolicy.shell.policy;

import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.core.status.PolicyStatusFactory;
import io.cgrouppolicy.report.PolicyReport;
import io.cgrouppolicy.shell.cluster.ClusterCache;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.List;

/// The operator's verdicts by policy, with all violations instead of those for which a status has
/// room.
@ApplicationScoped
public class PolicyReports {
  private final ClusterCache cache;
  private final PolicyScope scope;

  PolicyReports(ClusterCache cache, PolicyScope scope) {
    this.cache = cache;
    this.scope = scope;
  }

  /// In order of precedence.
  public List<PolicyReport> all(Instant now) {
    return cache.book().policies().stream().map(policy -> report(policy, now)).toList();
  }

  private PolicyReport report(CompiledPolicy policy, Instant now) {
    var input = scope.input(policy, null, null, null, now);
    return new PolicyReport(
        policy.name(),
        "cluster",
        policy.enforces() ? "Enforce" : "Audit",
        PolicyStatusFactory.complete(input).status());
  }
}
