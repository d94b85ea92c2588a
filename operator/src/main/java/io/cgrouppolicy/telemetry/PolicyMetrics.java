package io.cgrouppolicy.telemetry;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.NamespaceCounts;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.NodeCounts;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.PressureCounts;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.PreviewCounts;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.WorkloadCounts;
import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.WriteFailureReason;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Result;
import io.fabric8.kubernetes.api.model.Condition;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/// Exports the operator's own metrics. Their cardinality is bounded: labels are policies, checks
/// and states, never namespaces.
@ApplicationScoped
public class PolicyMetrics {
  private static final Map<String, String> DESCRIPTIONS =
      Map.of(
          "cgroup_policy_info", "1 for each policy, labeled with its mode",
          "cgroup_policy_condition",
              "1 for each condition of a policy, labeled with its status and reason",
          "cgroup_policy_namespaces", "Namespaces that a policy selects, by verdict",
          "cgroup_policy_namespaces_unprotected",
              "Namespaces in which a policy's objects are not in force or that could not be"
                  + " evaluated, except those that rollout: WhenSafe holds back",
          "cgroup_policy_nodes", "Nodes that a policy selects, by verdict",
          "cgroup_policy_pressure_nodes",
              "Nodes that a policy selects, by whether their pressure is above its thresholds",
          "cgroup_policy_pods", "Pods in the namespaces that a policy selects, by verdict",
          "cgroup_policy_preview_pods",
              "Pods by what the policy's objects would do to them if they were recreated",
          "cgroup_policy_violations", "Violations of a policy, by check and its severity");

  private final Map<String, MultiGauge> gauges = new HashMap<>();
  private final Counter reverts;
  private final Counter statusWriteFailures;
  private final MeterRegistry registry;
  private final Timer protection;
  private final Map<String, Reported> results = new ConcurrentSkipListMap<>();

  private record Reported(String mode, Result result) {}

  PolicyMetrics(MeterRegistry registry) {
    DESCRIPTIONS.forEach(
        (name, description) ->
            gauges.put(name, MultiGauge.builder(name).description(description).register(registry)));
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
    var rows = new HashMap<String, List<Row<?>>>();
    gauges.keySet().forEach(name -> rows.put(name, new ArrayList<>()));
    results.forEach((policy, reported) -> add(policy, reported, rows));
    rows.forEach((name, all) -> gauges.get(name).register(all, true));
  }

  private static void add(String policy, Reported reported, Map<String, List<Row<?>>> rows) {
    var status = reported.result().status();
    rows.get("cgroup_policy_info").add(row(policy, "mode", reported.mode(), 1));
    for (var condition : status.conditions()) {
      rows.get("cgroup_policy_condition").add(condition(policy, condition));
    }
    if (status.namespaces() instanceof NamespaceCounts n) {
      var namespaces = rows.get("cgroup_policy_namespaces");
      namespaces.add(row(policy, "state", "compliant", n.compliant()));
      namespaces.add(row(policy, "state", "nonCompliant", n.nonCompliant()));
      namespaces.add(row(policy, "state", "pending", n.pending()));
    }
    if (reported.result().unprotected() instanceof Integer n) {
      rows.get("cgroup_policy_namespaces_unprotected").add(Row.of(Tags.of("policy", policy), n));
    }
    if (status.workloads() instanceof WorkloadCounts n) {
      var pods = rows.get("cgroup_policy_pods");
      pods.add(row(policy, "state", "compliant", n.compliant()));
      pods.add(row(policy, "state", "nonCompliant", n.nonCompliant()));
    }
    if (status.preview() instanceof PreviewCounts n) {
      var preview = rows.get("cgroup_policy_preview_pods");
      preview.add(row(policy, "outcome", "changed", n.wouldChange()));
      preview.add(row(policy, "outcome", "rejected", n.wouldReject()));
    }
    if (status.nodes() instanceof NodeCounts n) {
      var nodes = rows.get("cgroup_policy_nodes");
      nodes.add(row(policy, "state", "compliant", n.compliant()));
      nodes.add(row(policy, "state", "drifted", n.drifted()));
      nodes.add(row(policy, "state", "unknown", n.unknown()));
      nodes.add(row(policy, "state", "notApplicable", n.notApplicable()));
    }
    if (status.pressure() instanceof PressureCounts n) {
      var pressure = rows.get("cgroup_policy_pressure_nodes");
      pressure.add(row(policy, "state", "normal", n.observed() - n.above()));
      pressure.add(row(policy, "state", "above", n.above()));
      pressure.add(row(policy, "state", "unavailable", n.unavailable()));
      pressure.add(row(policy, "state", "notApplicable", n.notApplicable()));
    }
    if (status.violationsByCheck() != null) {
      status
          .violationsByCheck()
          .forEach(
              (check, n) -> {
                var severity = Check.valueOf(check).severity().name();
                var tags = Tags.of("policy", policy, "check", check, "severity", severity);
                rows.get("cgroup_policy_violations").add(Row.of(tags, n));
              });
    }
  }

  /// One series per condition: when its status or reason changes, the previous series ends.
  private static Row<Number> condition(String policy, Condition condition) {
    return Row.of(
        Tags.of(
            "policy", policy,
            "condition", condition.getType(),
            "status", condition.getStatus(),
            "reason", condition.getReason()),
        1);
  }

  private static Row<Number> row(String policy, String key, String value, int n) {
    return Row.of(Tags.of("policy", policy, key, value), n);
  }
}
