package io.cgrouppolicy.core.pods;

import static io.cgrouppolicy.core.pods.Pods.BOTH;
import static io.cgrouppolicy.core.pods.Pods.container;
import static io.cgrouppolicy.core.pods.Pods.containers;
import static io.cgrouppolicy.core.pods.Pods.init;
import static io.cgrouppolicy.core.pods.Qos.BestEffort;
import static io.cgrouppolicy.core.pods.Qos.Burstable;
import static io.cgrouppolicy.core.pods.Qos.Guaranteed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class QosTest {
  private static final String FULL = container("full", BOTH, BOTH);
  private static final String BARE = container("bare", "{}", "{}");

  static Stream<Arguments> classes() {
    return Stream.of(
        arguments("nothing", BestEffort, containers("{name: a}")),
        arguments("empty resources", BestEffort, containers(BARE)),
        arguments("full", Guaranteed, containers(FULL)),
        arguments(
            "the same numbers in other words",
            Guaranteed,
            containers(container("a", "{cpu: '0.5', memory: 1024Mi}", "{cpu: 500m, memory: 1Gi}"))),
        arguments("one of two is bare", Burstable, containers(FULL, BARE)),
        arguments(
            "different requests",
            Burstable,
            containers(container("a", "{cpu: 99m, memory: 64Mi}", BOTH))),
        arguments("requests only", Burstable, containers(container("a", BOTH, "{}"))),
        arguments(
            "limits without requests, as no API server leaves them",
            Burstable,
            containers(container("a", "{}", BOTH))),
        arguments(
            "no CPU", Burstable, containers(container("a", "{memory: 64Mi}", "{memory: 64Mi}"))),
        arguments(
            "limits everywhere, but a request of zero",
            Burstable,
            containers(container("a", "{cpu: '0', memory: 64Mi}", BOTH))),
        arguments(
            "zeroes only",
            BestEffort,
            containers(container("a", "{cpu: '0', memory: '0'}", "{cpu: '0', memory: 0Mi}"))),
        arguments(
            "a limit of zero is none",
            Burstable,
            containers(container("a", "{cpu: 100m, memory: '0'}", "{cpu: 100m, memory: '0'}"))),
        arguments(
            "other resources only",
            BestEffort,
            containers(
                container(
                    "a",
                    "{hugepages-2Mi: 4Mi, ephemeral-storage: 1Gi, nvidia.com/gpu: '1'}",
                    "{hugepages-2Mi: 4Mi, ephemeral-storage: 1Gi, nvidia.com/gpu: '1'}"))),
        arguments(
            "other resources are no difference",
            Guaranteed,
            containers(
                container(
                    "a", "{cpu: 1, memory: 1Gi}", "{cpu: 1, memory: 1Gi, nvidia.com/gpu: 1}"))),
        arguments("a full init container", Guaranteed, init(FULL) + ", " + containers(FULL)),
        arguments("a bare init container", Burstable, init(BARE) + ", " + containers(FULL)),
        arguments(
            "only the init container has any", Burstable, init(FULL) + ", " + containers(BARE)),
        arguments(
            "a bare sidecar",
            Burstable,
            init("{name: s, restartPolicy: Always}") + ", " + containers(FULL)),
        arguments(
            "ephemeral containers do not count",
            Guaranteed,
            containers(FULL) + ", ephemeralContainers: [{name: debugger}]"),
        arguments(
            "ephemeral containers alone do not make a class",
            BestEffort,
            containers(BARE)
                + ", ephemeralContainers: [{name: d, resources: {requests: "
                + BOTH
                + "}}]"),
        arguments(
            "pod-level, containers bare",
            Guaranteed,
            containers(BARE) + ", resources: {requests: " + BOTH + ", limits: " + BOTH + "}"),
        arguments(
            "pod-level counts instead of full containers",
            Burstable,
            containers(FULL) + ", resources: {requests: {cpu: 200m}, limits: {cpu: 200m}}"),
        arguments(
            "pod-level requests only",
            Burstable,
            containers(FULL) + ", resources: {requests: " + BOTH + "}"),
        arguments(
            "pod-level huge pages only",
            BestEffort,
            containers(FULL)
                + ", resources: {requests: {hugepages-2Mi: 4Mi}, limits: {hugepages-2Mi: 4Mi}}"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("classes")
  void asTheServer(String what, Qos qos, String spec) {
    assertThat(Qos.of(Pods.shape(spec))).isEqualTo(qos);
  }
}
