package io.cgrouppolicy.core.pods;

import static io.cgrouppolicy.core.pods.Pods.BOTH;
import static io.cgrouppolicy.core.pods.Pods.container;
import static io.cgrouppolicy.core.pods.Pods.containers;
import static io.cgrouppolicy.core.pods.Pods.init;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.cgrouppolicy.api.v1alpha1.WorkloadsSpec;
import io.cgrouppolicy.core.check.Check;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class WorkloadRulesTest {
  private static final List<String> ALL = List.of("memory", "cpu");
  private static final WorkloadsSpec STRICT = new WorkloadsSpec(ALL, ALL, false);
  private static final WorkloadsSpec MEMORY = new WorkloadsSpec(List.of("memory"), null, null);
  private static final String FULL = container("full", BOTH, BOTH);
  private static final String BARE = container("bare", "{}", "{}");
  private static final String DEBUGGER = ", ephemeralContainers: [{name: debugger}]";

  private static List<String> findings(WorkloadsSpec spec, String pod) {
    return WorkloadRules.findings(spec, Pods.shape(pod)).stream()
        .map(finding -> finding.check() + ": " + finding.text())
        .toList();
  }

  static Stream<Arguments> memoryLimits() {
    return Stream.of(
        arguments("full", null, containers(FULL)),
        arguments("one of two", "container bare has", containers(FULL, BARE)),
        arguments(
            "both, by name",
            "containers a and b have",
            containers("{name: b}", "{name: a, resources: {limits: {cpu: 1}}}")),
        arguments(
            "a request is no limit", "container a has", containers(container("a", BOTH, "{}"))),
        arguments(
            "zero is no limit",
            "container a has",
            containers(container("a", "{memory: '0'}", "{memory: 0Gi}"))),
        arguments("init", "container i (init) has", init("{name: i}") + ", " + containers(FULL)),
        arguments(
            "sidecar",
            "container s (sidecar) has",
            init("{name: s, restartPolicy: Always}") + ", " + containers(FULL)),
        arguments(
            "all kinds",
            "containers bare, i (init) and s (sidecar) have",
            init("{name: i}", "{name: s, restartPolicy: Always}") + ", " + containers(BARE)),
        arguments("ephemeral", null, containers(FULL) + DEBUGGER),
        arguments(
            "pod-level limit",
            null,
            init("{name: i}") + ", " + containers(BARE) + ", resources: {limits: {memory: 1Gi}}"),
        arguments(
            "pod-level limit of zero",
            "container bare has",
            containers(BARE) + ", resources: {limits: {memory: '0'}}"),
        arguments(
            "pod-level limit of something else",
            "container bare has",
            containers(BARE, FULL) + ", resources: {limits: {cpu: '1', hugepages-2Mi: 4Mi}}"),
        arguments(
            "pod-level request",
            "container bare has",
            containers(BARE) + ", resources: {requests: {memory: 1Gi}}"),
        arguments(
            "four are named",
            "containers a, b, c and d have",
            containers("{name: a}", "{name: b}", "{name: c}", "{name: d}")),
        arguments(
            "of six, four",
            "containers a, b, c, d and 2 more have",
            containers(
                "{name: f}", "{name: e}", "{name: d}", "{name: c}", "{name: b}", "{name: a}")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("memoryLimits")
  void memoryLimit(String what, String subject, String pod) {
    var expected =
        subject == null
            ? List.<String>of()
            : List.of("MemoryLimitMissing: " + subject + " no memory limit");
    assertThat(findings(MEMORY, pod)).isEqualTo(expected);
  }

  static Stream<Arguments> requests() {
    return Stream.of(
        arguments("full", null, containers(FULL)),
        arguments(
            "neither", "container bare has neither a CPU nor a memory request", containers(BARE)),
        arguments(
            "one of them",
            "container a has no memory request",
            containers(container("a", "{cpu: 1m}", "{}"), FULL)),
        arguments(
            "one each",
            "container b has no CPU request, container a has no memory request",
            containers(container("a", "{cpu: 1m}", "{}"), container("b", "{memory: 1Mi}", "{}"))),
        arguments(
            "zero is no request",
            "container a has no CPU request",
            containers(container("a", "{cpu: 0m, memory: 1Mi}", "{}"))),
        arguments(
            "init",
            "container i (init) has neither a CPU nor a memory request",
            init("{name: i}") + ", " + containers(FULL)),
        arguments("ephemeral", null, containers(FULL) + DEBUGGER),
        arguments(
            "pod-level for one",
            "container bare has no memory request",
            containers(BARE) + ", resources: {requests: {cpu: 1}}"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("requests")
  void request(String what, String text, String pod) {
    assertThat(findings(new WorkloadsSpec(null, ALL, null), pod))
        .isEqualTo(text == null ? List.of() : List.of("RequestMissing: " + text));
  }

  @Test
  void whatIsExpectedAndFound() {
    assertThat(WorkloadRules.findings(STRICT, Pods.shape(containers(BARE))))
        .extracting(PodFinding::check, PodFinding::expected, PodFinding::actual)
        .containsExactlyInAnyOrder(
            tuple(Check.CpuLimitMissing, "limits.cpu", "unset"),
            tuple(Check.MemoryLimitMissing, "limits.memory", "unset"),
            tuple(
                Check.RequestMissing,
                "requests.cpu, requests.memory",
                "requests.cpu, requests.memory unset"),
            tuple(Check.BestEffortPod, "Burstable or Guaranteed", "BestEffort"));
  }

  @Test
  void otherResourcesAreNamed() {
    var spec =
        new WorkloadsSpec(
            List.of("nvidia.com/gpu", "memory", "hugepages-2Mi", "ephemeral-storage"),
            List.of("ephemeral-storage", "nvidia.com/gpu", "cpu"),
            null);
    assertThat(findings(spec, containers(BARE)))
        .containsExactly(
            "LimitMissing: container bare has no ephemeral-storage limit",
            "LimitMissing: container bare has no hugepages-2Mi limit",
            "MemoryLimitMissing: container bare has no memory limit",
            "LimitMissing: container bare has no nvidia.com/gpu limit",
            "RequestMissing: container bare has no CPU or ephemeral-storage or nvidia.com/gpu"
                + " request");
    assertThat(WorkloadRules.findings(spec, Pods.shape(containers(BARE))))
        .extracting(PodFinding::expected)
        .containsExactly(
            "limits.ephemeral-storage",
            "limits.hugepages-2Mi",
            "limits.memory",
            "limits.nvidia.com/gpu",
            "requests.cpu, requests.ephemeral-storage, requests.nvidia.com/gpu");
    var all =
        "{cpu: 1, memory: 1Gi, ephemeral-storage: 1Gi, hugepages-2Mi: 2Mi, nvidia.com/gpu: '1'}";
    assertThat(findings(spec, containers(container("full", all, all)))).isEmpty();
    assertThat(
            findings(
                new WorkloadsSpec(List.of("nvidia.com/gpu"), null, null),
                containers(container("a", "{}", "{nvidia.com/gpu: '0'}"))))
        .as("zero is none")
        .hasSize(1);
    assertThat(
            findings(
                new WorkloadsSpec(List.of("hugepages-2Mi", "ephemeral-storage"), null, null),
                containers(BARE) + ", resources: {limits: {hugepages-2Mi: 4Mi}}"))
        .as("a pod can have huge pages, but no ephemeral storage")
        .containsExactly("LimitMissing: container bare has no ephemeral-storage limit");
  }

  @Test
  void cpuLimitOnlyWhereAsked() {
    var pod = containers(container("a", BOTH, "{memory: 64Mi}"));
    assertThat(findings(MEMORY, pod)).isEmpty();
    assertThat(findings(new WorkloadsSpec(List.of("cpu"), null, null), pod))
        .containsExactly("CpuLimitMissing: container a has no CPU limit");
  }

  @Test
  void bestEffortOnlyWhereRefused() {
    var refused = new WorkloadsSpec(null, List.of(), false);
    assertThat(findings(refused, containers(BARE)))
        .containsExactly("BestEffortPod: QoS class BestEffort: no request and no limit");
    assertThat(findings(refused, containers(BARE, container("a", "{cpu: 1m}", "{}")))).isEmpty();
    assertThat(findings(new WorkloadsSpec(null, null, true), containers(BARE))).isEmpty();
    assertThat(findings(new WorkloadsSpec(null, null, null), containers(BARE))).isEmpty();
  }

  @Test
  void nothingAsked() {
    var pod = Pods.alone("ns", "pod", containers(BARE));
    assertThat(WorkloadRules.rule(null).of(pod, new Workload("Pod", "pod", null))).isEmpty();
  }

  @Test
  void aShapeIsJudgedOnce() {
    var rule = WorkloadRules.rule(STRICT);
    var workload = new Workload("Deployment", "api", null);
    var first = rule.of(Pods.alone("ns", "a", containers(BARE)), workload);
    assertThat(first).hasSize(4);
    assertThat(rule.of(Pods.alone("ns", "b", containers(BARE)), workload)).isSameAs(first);
    assertThat(rule.of(Pods.alone("ns", "c", containers(FULL)), workload)).isEmpty();
  }
}
