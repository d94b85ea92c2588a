package io.cgrouppolicy.delivery.monitoring;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.FleetOperator;
import io.cgrouppolicy.testing.Workloads;
import io.cgrouppolicy.testing.kubelet.Behaviour;
import io.cgrouppolicy.testing.kubelet.Summary;

/// A policy with every kind of result, so that the operator serves all metrics that it has.
final class EveryResult {
  private EveryResult() {}

  /// @param operator with a short interval for kubelets and pressure
  static String scrape(FleetOperator operator, Fixture fixture) {
    operator
        .node(fixture, "a")
        .defaults()
        .summary(Summary.quiet().psi("memory", "full", 50, 50))
        .start();
    operator.node(fixture, "b").behave(Behaviour.REFUSE).start();
    var namespace = fixture.namespace("n");
    new Workloads(fixture, namespace).pod("greedy", Workloads.UNLIMITED, fixture.id + "-a");
    fixture.foreignLimitRange(namespace, "theirs");
    fixture.apply(
        "p",
        fixture.yaml("p", "mode: Enforce", 256).stripTrailing()
            + """

              workloads: {requireLimits: [memory]}
              nodes:
                selector: {matchLabels: {test: %s}}
                kubelet: {podPidsLimit: 4096}
                pressure: {memory: {full: 1}}
            """
                .formatted(fixture.id));
    eventually(
        () -> {
          // After the first seconds of an operator, which are reserved for namespaces.
          fixture.namespace("x" + System.nanoTime());
          assertThat(operator.process().metric("cgroup_policy_namespace_protection_seconds_count"))
              .isPositive();
        });
    eventually(
        () ->
            assertThat(operator.process().metrics())
                .contains("check=\"LimitRangeConflict\"")
                .contains("check=\"PressureMemory\"")
                .contains("check=\"KubeletPodPidsLimit\"")
                .contains("check=\"KubeletUnreachable\"")
                .contains("check=\"MemoryLimitMissing\"")
                .contains("cgroup_policy_preview_pods{"));
    return operator.process().metrics();
  }
}
