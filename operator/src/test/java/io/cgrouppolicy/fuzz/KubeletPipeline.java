package io.cgrouppolicy.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.kubelet.Answer;
import io.cgrouppolicy.core.kubelet.KubeletConfiguration;
import io.cgrouppolicy.core.kubelet.MalformedAnswerException;
import io.cgrouppolicy.core.kubelet.NodeFacts;
import io.cgrouppolicy.core.kubelet.Platform;
import io.cgrouppolicy.core.kubelet.Reading;
import io.cgrouppolicy.core.kubelet.judge.NodeJudgement.State;
import io.cgrouppolicy.core.kubelet.pressure.NodeSummary;
import io.cgrouppolicy.core.kubelet.pressure.PressureVerdict;
import io.cgrouppolicy.core.node.NodeDecider;
import io.cgrouppolicy.core.node.NodeMemory;
import io.cgrouppolicy.core.node.ObservedNode;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.core.status.PolicyStatusFactory;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Input;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Namespaces;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Nodes;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Workloads;
import io.cgrouppolicy.testing.Policies;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// Everything that the operator computes from an answer of a kubelet.
final class KubeletPipeline {
  private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");

  private static final CompiledPolicy POLICY =
      Policies.compiled(
          "p",
          """
          nodes: {selector: {}, cgroupVersion: V2,
            kubelet: {
              cgroupDriver: systemd,
              enforceNodeAllocatable: [pods, system-reserved, kube-reserved],
              systemReserved: {cpu: 500m, memory: 1Gi}, systemReservedCgroup: /system.slice,
              kubeReserved: {cpu: 500m, memory: 1Gi}, kubeReservedCgroup: /kube.slice,
              kubeReservedFormula: {preset: EKS},
              podPidsLimit: 4096,
              config: {maxPods: 110},
              configBounds: [{field: eventBurst, atLeast: 1, atMost: 100}]},
            pressure: {cpu: {some: 80}, memory: {some: 20, full: 5}, io: {full: 10}}}
          """);

  private static final NodeFacts NODE =
      new NodeFacts(
          "n",
          "v1.36.3",
          "containerd://2.2.0",
          true,
          false,
          Map.of("cpu", new Quantity("4"), "memory", new Quantity("8Gi")),
          Map.of(),
          null);

  private KubeletPipeline() {}

  /// @return whether the node is compliant
  static boolean checkConfiguration(byte[] answer) {
    Answer<KubeletConfiguration> parsed;
    try {
      parsed = new Answer.Usable<>(KubeletConfiguration.parse(answer));
    } catch (MalformedAnswerException e) {
      parsed = garbage(e);
    }
    var memory = decide(new Reading<>(parsed, NOW, NOW), null);
    var verdict = memory.verdicts().get("p");
    boolean compliant = verdict.judgement().state() == State.COMPLIANT;
    if (compliant) {
      assertThat(KubeletOracle.complies(answer)).as("compliant, says the oracle").isTrue();
    } else {
      var judgement = verdict.judgement();
      assertThat(judgement.findings().size() + judgement.undetermined().size())
          .as("reasons")
          .isPositive();
    }
    return compliant;
  }

  /// @return whether pressure is normal
  static boolean checkSummary(byte[] answer) {
    Answer<NodeSummary> parsed;
    try {
      parsed = new Answer.Usable<>(NodeSummary.parse(answer));
    } catch (MalformedAnswerException e) {
      parsed = garbage(e);
    }
    var verdict = decide(null, new Reading<>(parsed, NOW, NOW)).pressure().get("p");
    boolean normal = verdict.state() == PressureVerdict.State.NORMAL;
    if (normal) {
      assertThat(KubeletOracle.calm(answer)).as("calm, says the oracle").isTrue();
    } else {
      assertThat(verdict.findings()).as("reasons").isNotEmpty();
    }
    return normal;
  }

  private static <T> Answer<T> garbage(MalformedAnswerException e) {
    assertThat(e.getMessage()).hasSizeBetween(10, 300);
    PlainText.check(e.getMessage());
    return new Answer.Unusable<>(Check.KubeletConfigUnavailable, "Garbage", e.getMessage());
  }

  private static NodeMemory decide(
      Reading<KubeletConfiguration> configuration, Reading<NodeSummary> pressure) {
    var seen = new ObservedNode(NODE, configuration, pressure, null, Platform.UPSTREAM);
    var decision = NodeDecider.decide(List.of(POLICY), seen, NodeMemory.EMPTY, NOW);
    var memory = decision.memory();
    var names = IntStream.range(0, 100).mapToObj(i -> "n%02d".formatted(i)).toList();
    var nodes =
        new Nodes(
            names,
            name -> memory.verdicts().get("p"),
            name -> memory.pressure().get("p"),
            null,
            List.of());
    var status =
        PolicyStatusFactory.create(
                new Input(POLICY, null, Namespaces.NONE, nodes, Workloads.NONE, null, null, NOW))
            .status();
    assertThat(Serialization.asJson(status).getBytes(StandardCharsets.UTF_8).length)
        .as("bytes of the status")
        .isLessThan(64 << 10);
    status.conditions().forEach(condition -> PlainText.check(condition.getMessage()));
    status.violations().stream()
        .limit(2)
        .forEach(violation -> PlainText.check(violation.actual() + violation.message()));
    return memory;
  }
}
