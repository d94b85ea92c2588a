package io.cgrouppolicy.shell.node;

import io.cgrouppolicy.core.kubelet.pressure.NodeSummary;
import io.cgrouppolicy.core.kubelet.pressure.Resource;
import io.cgrouppolicy.core.kubelet.pressure.Stall;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.shell.cluster.ClusterCache;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;

/// The pressure of each policy's worst node, for Prometheus. A status has rounded figures; these
/// are exact, and computed by the scrape.
@ApplicationScoped
class PressureGauges implements ClusterCache.PolicyListener {
  private final ClusterCache cluster;
  private final NodeRegistry nodes;
  private final MultiGauge worst;

  PressureGauges(ClusterCache cluster, NodeRegistry nodes, MeterRegistry metrics) {
    this.cluster = cluster;
    this.nodes = nodes;
    this.worst =
        MultiGauge.builder("cgroup_policy_pressure_worst")
            .description(
                "Percent of the last minute stalled, on the worst node that a policy selects; NaN"
                    + " where no node has figures")
            .register(metrics);
  }

  void start() {
    cluster.addListener(this);
  }

  @Override
  public void policyChanged(CompiledPolicy before, CompiledPolicy after) {
    var rows = new ArrayList<MultiGauge.Row<?>>();
    for (var policy : cluster.book().policies()) {
      if (policy.valid()
          && policy.spec().nodes() != null
          && policy.spec().nodes().pressure() != null) {
        for (var resource : Resource.values()) {
          for (var kind : resource.kinds()) {
            rows.add(
                MultiGauge.Row.of(
                    Tags.of(
                        "policy", policy.name(),
                        "resource", resource.toString(),
                        "kind", kind.toString()),
                    () -> worst(policy.name(), resource, kind)));
          }
        }
      }
    }
    worst.register(rows, true);
  }

  private double worst(String policy, Resource resource, Stall kind) {
    return nodes.summaries(policy).stream()
        .filter(NodeSummary::counted)
        .mapToDouble(summary -> resource.of(summary).avg60(kind))
        .filter(percent -> !Double.isNaN(percent))
        .max()
        .orElse(Double.NaN);
  }
}
