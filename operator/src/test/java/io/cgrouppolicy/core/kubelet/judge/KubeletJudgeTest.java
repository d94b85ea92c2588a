package io.cgrouppolicy.core.kubelet.judge;

import static io.cgrouppolicy.core.kubelet.judge.JudgeFixture.NODE;
import static io.cgrouppolicy.core.kubelet.judge.JudgeFixture.asking;
import static io.cgrouppolicy.core.kubelet.judge.JudgeFixture.judge;
import static io.cgrouppolicy.core.kubelet.judge.JudgeFixture.summary;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.Finding;
import io.cgrouppolicy.core.kubelet.Answer.Unusable;
import io.cgrouppolicy.core.kubelet.Answer.Usable;
import io.cgrouppolicy.core.kubelet.Exemption;
import io.cgrouppolicy.core.kubelet.KubeletConfiguration;
import io.cgrouppolicy.core.kubelet.Platform;
import io.cgrouppolicy.core.kubelet.Specs;
import io.cgrouppolicy.core.kubelet.judge.NodeJudgement.State;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Tests whole judgements; [KubeletRulesTest] tests single rules.
class KubeletJudgeTest {
  private static final Usable<KubeletConfiguration> HARDENED =
      new Usable<>(Specs.parse(Specs.recorded("configz-hardened.json")));
  private static final Usable<KubeletConfiguration> DEFAULTS =
      new Usable<>(Specs.parse(Specs.recorded("configz-defaults.json")));

  private static String design() {
    return "cgroupVersion: V2\nkubelet:\n" + Specs.DESIGN.indent(2);
  }

  @Test
  void theHardenedKubeletComplies() {
    var judgement = KubeletJudge.judge(Specs.nodes(design()), NODE, HARDENED, Platform.UPSTREAM);
    assertThat(judgement).isEqualTo(new NodeJudgement(null, List.of(), List.of(), List.of()));
    assertThat(judgement.state()).isEqualTo(State.COMPLIANT);
  }

  /// The design uses /runtime.slice for kube-reserved, the recorded kubelet /kube.slice.
  @Test
  void theDesignsExampleFindsTheOtherSliceOfTheHardenedKubelet() {
    var spec = Specs.nodes(design().replace("/kube.slice", "/runtime.slice"));
    assertThat(KubeletJudge.judge(spec, NODE, HARDENED, Platform.UPSTREAM).findings())
        .containsExactly(
            new Finding(
                Check.KubeletKubeReserved,
                "cgroup /runtime.slice",
                "cgroup /kube.slice",
                "kubeReservedCgroup is /kube.slice, but the policy requires /runtime.slice"));
  }

  @Test
  void theDefaultsLackExactlyFourThings() {
    var judgement = KubeletJudge.judge(Specs.nodes(design()), NODE, DEFAULTS, Platform.UPSTREAM);
    assertThat(judgement.state()).isEqualTo(State.DRIFTED);
    assertThat(judgement.undetermined()).isEmpty();
    assertThat(judgement.notApplicable()).isEmpty();
    assertThat(judgement.findings())
        .containsExactly(
            new Finding(
                Check.KubeletEnforceNodeAllocatable,
                "system-reserved, kube-reserved",
                "pods",
                "system-reserved is not enforced; kube-reserved is not enforced"),
            new Finding(
                Check.KubeletSystemReserved,
                "cpu >= 500m, memory >= 1Gi, cgroup /system.slice",
                "cpu unset, memory unset, cgroup unset",
                "systemReserved.cpu is unset, but the policy requires at least 500m; systemReserved.memory is unset, but the policy requires at least 1Gi; systemReservedCgroup is unset, but the policy requires /system.slice"),
            new Finding(
                Check.KubeletKubeReserved,
                "cpu >= 500m, memory >= 1Gi, cgroup /kube.slice",
                "cpu unset, memory unset, cgroup unset",
                "kubeReserved.cpu is unset, but the policy requires at least 500m; kubeReserved.memory is unset, but the policy requires at least 1Gi; kubeReservedCgroup is unset, but the policy requires /kube.slice"),
            new Finding(
                Check.KubeletPodPidsLimit,
                "<= 4096",
                "unlimited",
                "podPidsLimit is unlimited; a fork bomb in one pod can fill the node's PID table"));
  }

  @Test
  void everyRuleIsThereOnce() {
    assertThat(KubeletJudge.RULES)
        .extracting(KubeletRule::check)
        .containsExactly(
            Check.CgroupVersion,
            Check.KubeletCgroupDriver,
            Check.KubeletEnforceNodeAllocatable,
            Check.KubeletSystemReserved,
            Check.KubeletKubeReserved,
            Check.KubeletPodPidsLimit,
            Check.KubeletConfig);
  }

  @Test
  void anUnansweredNodeIsUnknownWithTheReasonAndNothingElse() {
    var none = new Unusable<KubeletConfiguration>(Check.KubeletUnauthorized, "Forbidden", "403");
    var judgement = KubeletJudge.judge(Specs.nodes(design()), NODE, none, Platform.UPSTREAM);
    assertThat(judgement.unanswered()).isEqualTo(none);
    assertThat(judgement.findings())
        .containsExactly(
            new Finding(
                Check.KubeletUnauthorized, "the kubelet's configuration", "Forbidden", "403"));
    assertThat(judgement.state()).isEqualTo(State.UNKNOWN);
    assertThat(judgement.state(check -> true)).as("silenced").isEqualTo(State.UNKNOWN);
  }

  /// Even a perfect answer does not count for such nodes.
  @Test
  void nodesWithAnObstacleAreUnknown() {
    var nodes =
        Map.of(
            "NodeNotReady", JudgeFixture.node(n -> n.withReady(false)),
            "NodeUpdating", JudgeFixture.node(n -> n.withUpdating(true)));
    nodes.forEach(
        (reason, node) -> {
          var judgement =
              KubeletJudge.judge(Specs.nodes(design()), node, HARDENED, Platform.UPSTREAM);
          assertThat(judgement.state()).as(reason).isEqualTo(State.UNKNOWN);
          assertThat(judgement.unanswered().reason()).isEqualTo(reason);
        });
  }

  /// Whatever the policy asks, and whether or not the node is Ready.
  @Test
  void nodesWithoutAKubeletToAskAreNotJudged() {
    for (var exemption : Exemption.values()) {
      for (var spec : List.of(design(), "{}")) {
        var node = JudgeFixture.node(n -> n.withExemption(exemption).withReady(false));
        var judgement = KubeletJudge.judge(Specs.nodes(spec), node, HARDENED, Platform.UPSTREAM);
        assertThat(judgement.state()).isEqualTo(State.NOT_APPLICABLE);
        assertThat(judgement.unanswered().reason()).isEqualTo(exemption.name());
        assertThat(judgement.findings()).isEmpty();
      }
    }
  }

  @Test
  void aPolicyThatAsksNothingIsMet() {
    var none = new Unusable<KubeletConfiguration>(Check.KubeletUnreachable, "Timeout", "5 s");
    for (var spec : List.of("{}", "{kubelet: {}}", "{pressure: {cpu: {some: 1}}}")) {
      assertThat(KubeletJudge.asks(Specs.nodes(spec))).as(spec).isFalse();
      assertThat(KubeletJudge.judge(Specs.nodes(spec), NODE, none, Platform.UPSTREAM).state())
          .isEqualTo(State.COMPLIANT);
    }
    assertThat(KubeletJudge.asks(Specs.nodes("{cgroupVersion: V2}"))).isTrue();
  }

  @Test
  void driftBeatsUnknownAndExceptionsSilenceBoth() {
    var judgement =
        judge(
            JudgeFixture.node(n -> n.withKubeletVersion("v1.33.0")),
            "{cgroupDriver: systemd, podPidsLimit: 100}",
            "{cgroupDriver: systemd}");
    assertThat(summary(judgement))
        .containsExactly(
            "KubeletPodPidsLimit violated", "KubeletCgroupDriver unknown CgroupDriverNotReported");
    assertThat(judgement.state()).isEqualTo(State.DRIFTED);
    assertThat(judgement.state(check -> check == Check.KubeletPodPidsLimit))
        .isEqualTo(State.UNKNOWN);
    assertThat(judgement.state(check -> check == Check.KubeletCgroupDriver))
        .isEqualTo(State.DRIFTED);
    assertThat(judgement.state(check -> true)).isEqualTo(State.COMPLIANT);
  }

  @Test
  void aKubeletsAnswerIsShownShortenedAndOnOneLine() {
    var judgement =
        judge(
            NODE,
            "{config: {clusterDomain: a}}",
            "{clusterDomain: \"" + "x\\n".repeat(9000) + "\"}");
    assertThat(judgement.findings()).hasSize(1);
    assertThat(judgement.findings().getFirst().actual()).hasSizeLessThan(120).doesNotContain("\n");
    assertThat(judgement.findings().getFirst().message()).hasSizeLessThan(200);
  }

  /// As doubles, these numbers would be infinite.
  @ParameterizedTest
  @ValueSource(strings = {"1e400", "-1e400", "1e999999999", "1e-999999999"})
  void anyNumberCanBeCompared(String number) throws Exception {
    var configz =
        "{\"kubeletconfig\": {\"eventBurst\": %1$s, \"maxPods\": %1$s}}".formatted(number);
    var required =
        Specs.kubelet(
            """
            config: {maxPods: 110}
            configBounds: [{field: eventBurst, atLeast: 1, atMost: 100}]
            kubeReservedFormula: {preset: EKS}
            """);
    var judgement =
        KubeletJudge.judge(
            asking(required),
            NODE,
            new Usable<>(KubeletConfiguration.parse(configz.getBytes(UTF_8))),
            Platform.UPSTREAM);
    assertThat(judgement.state()).isEqualTo(State.DRIFTED);
    assertThat(summary(judgement)).contains("KubeletConfig violated");
  }
}
