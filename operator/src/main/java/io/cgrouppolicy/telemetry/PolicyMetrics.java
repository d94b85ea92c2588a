package io.cgrouppolicy.telemetry;

import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.WriteFailureReason;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Result;
import io.fabric8.kubernetes.api.model.Condition;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/// Exports the operator's own metrics. Their cardinality is bounded: labels are policies, checks
/// and states, never namespaces.
@ApplicationScoped
public class PolicyMetrics {
  private final MultiGauge modes;
  private final MultiGauge conditions;
  private final MultiGauge namespaces;
  private final MultiGauge nodes;
  private final MultiGauge pressure;
  private final MultiGauge pods;
  private final MultiGauge preview;
  private final MultiGauge violations;
  private final Counter reverts;
  private final Counter statusWriteFailures;
  private final MeterRegistry registry;
  private final Timer protection;
  private final Map<String, Reported> results = new ConcurrentSkipListMap<>();

  private record Reported(String mode, Result result) {}

  PolicyMetrics(MeterRegistry registry) {
    modes = gauge(registry, "cgroup_policy_info", "1 for each policy, labeled with its mode");
    conditions =
        gauge(
            registry,
            "cgroup_policy_condition",
            "1 for each condition of a policy, labeled with its status and reason");
    namespaces =
        gauge(registry, "cgroup_policy_namespaces", "Namespaces that a policy selects, by verdict");
    nodes = gauge(registry, "cgroup_policy_nodes", "Nodes that a policy selects, by verdict");
    pressure =
        gauge(
            registry,
            "cgroup_policy_pressure_nodes",
            "Nodes that a policy selects, by whether their pressure is above its thresholds");
    pods =
        gauge(
            registry,
            "cgroup_policy_pods",
            "Pods in the namespaces that a policy selects, by verdict");
    preview =
        gauge(
            registry,
            "cgroup_policy_preview_pods",
            "Pods by what the policy's objects would do to them if they were recreated");
    violations =
        gauge(
            registry,
            "cgroup_policy_violations",
            "Violations of a policy, by check and its severity");
    reverts =
        Counter.builder("cgroup_policy_reverts")
            .description("Objects restored after another writer changed or deleted them")
            .register(registry);
    statusWriteFailures =
        Counter.builder("cgroup_policy_status_write_failures")
            .description("Failed writes of a policy's status, which are retried")
            .register(registry);
    this.registry = registry;
    // Created at startup, because Prometheus sees no increase in the first value of a counter.
    for (var reason : WriteFailureReason.values()) {
      writeFailures(reason.name());
    }
    protection =
        Timer.builder("cgroup_policy_namespace_protection")
            .description("Time from first seeing a new namespace until its objects are in place")
            .serviceLevelObjectives(
                Duration.ofMillis(10),
                Duration.ofMillis(25),
                Duration.ofMillis(50),
                Duration.ofMillis(100),
                Duration.ofMillis(250),
                Duration.ofSeconds(1),
                Duration.ofSeconds(5),
                Duration.ofSeconds(30))
            .register(registry);
  }

  private static MultiGauge gauge(MeterRegistry registry, String name, String description) {
    return MultiGauge.builder(name).description(description).register(registry);
  }

  public void report(CompiledPolicy policy, Result result) {
    results.put(policy.name(), new Reported(policy.enforces() ? "Enforce" : "Audit", result));
    publish();
  }

  public void forget(String policy) {
    results.remove(policy);
    publish();
  }

  public void reverted(int objects) {
    reverts.increment(objects);
  }

  public void statusWriteFailed() {
    statusWriteFailures.increment();
  }

  /// @param reason the name of a [WriteFailureReason]
  public void writeFailed(String reason) {
    writeFailures(reason).increment();
  }

  private Counter writeFailures(String reason) {
    return Counter.builder("cgroup_policy_write_failures")
        .description("Failed writes of LimitRanges and ResourceQuotas, which are retried")
        .tag("reason", reason)
        .register(registry);
  }

  public void protectedAfter(Duration time) {
    protection.record(time);
  }

  private synchronized void publish() {
    var modeRows = new ArrayList<MultiGauge.Row<?>>();
    var conditionRows = new ArrayList<MultiGauge.Row<?>>();
    var namespaceRows = new ArrayList<MultiGauge.Row<?>>();
    var nodeRows = new ArrayList<MultiGauge.Row<?>>();
    var pressureRows = new ArrayList<MultiGauge.Row<?>>();
    var podRows = new ArrayList<MultiGauge.Row<?>>();
    var previewRows = new ArrayList<MultiGauge.Row<?>>();
    var violationRows = new ArrayList<MultiGauge.Row<?>>();
    results.forEach(
        (policy, reported) -> {
          var result = reported.result();
          modeRows.add(row(policy, "mode", reported.mode(), 1));
          for (var condition : result.status().conditions()) {
            conditionRows.add(condition(policy, condition));
          }
          var counts = result.status().namespaces();
          if (counts != null) {
            namespaceRows.add(row(policy, "state", "compliant", counts.compliant()));
            namespaceRows.add(row(policy, "state", "nonCompliant", counts.nonCompliant()));
            namespaceRows.add(row(policy, "state", "pending", counts.pending()));
          }
          var podCounts = result.status().workloads();
          if (podCounts != null) {
            podRows.add(row(policy, "state", "compliant", podCounts.compliant()));
            podRows.add(row(policy, "state", "nonCompliant", podCounts.nonCompliant()));
          }
          var previewCounts = result.status().preview();
          if (previewCounts != null) {
            previewRows.add(row(policy, "outcome", "changed", previewCounts.wouldChange()));
            previewRows.add(row(policy, "outcome", "rejected", previewCounts.wouldReject()));
          }
          var nodeCounts = result.status().nodes();
          if (nodeCounts != null) {
            nodeRows.add(row(policy, "state", "compliant", nodeCounts.compliant()));
            nodeRows.add(row(policy, "state", "drifted", nodeCounts.drifted()));
            nodeRows.add(row(policy, "state", "unknown", nodeCounts.unknown()));
            nodeRows.add(row(policy, "state", "notApplicable", nodeCounts.notApplicable()));
          }
          var pressureCounts = result.status().pressure();
          if (pressureCounts != null) {
            int above = pressureCounts.above();
            int normal = pressureCounts.observed() - above;
            int unavailable = pressureCounts.unavailable();
            pressureRows.add(row(policy, "state", "normal", normal));
            pressureRows.add(row(policy, "state", "above", above));
            pressureRows.add(row(policy, "state", "unavailable", unavailable));
            pressureRows.add(row(policy, "state", "notApplicable", pressureCounts.notApplicable()));
          }
          var byCheck = result.status().violationsByCheck();
          if (byCheck != null) {
            byCheck.forEach((check, n) -> violationRows.add(violations(policy, check, n)));
          }
        });
    modes.register(modeRows, true);
    conditions.register(conditionRows, true);
    namespaces.register(namespaceRows, true);
    nodes.register(nodeRows, true);
    pressure.register(pressureRows, true);
    pods.register(podRows, true);
    preview.register(previewRows, true);
    violations.register(violationRows, true);
  }

  /// One series per condition: when its status or reason changes, the previous series ends.
  private static MultiGauge.Row<Number> condition(String policy, Condition condition) {
    return MultiGauge.Row.of(
        Tags.of(
            "policy", policy,
            "condition", condition.getType(),
            "status", condition.getStatus(),
            "reason", condition.getReason()),
        1);
  }

  private static MultiGauge.Row<Number> violations(String policy, String check, int n) {
    var severity = Check.valueOf(check).severity().name();
    return MultiGauge.Row.of(Tags.of("policy", policy, "check", check, "severity", severity), n);
  }

  private static MultiGauge.Row<Number> row(String policy, String key, String value, int n) {
    return MultiGauge.Row.of(Tags.of("policy", policy, key, value), n);
  }
}
