package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.Fixture.within;
import static io.cgrouppolicy.testing.FleetOperator.HARDENED;
import static io.cgrouppolicy.testing.FleetOperator.nodes;
import static io.cgrouppolicy.testing.FleetOperator.violations;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.FleetOperator;
import io.cgrouppolicy.testing.kubelet.Behaviour;
import io.cgrouppolicy.testing.kubelet.SimulatedKubelet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A fleet in which some node violates each rule and kubelets misbehave in every way: each node
/// gets its own verdict and does not delay or hide others.
class NodeVerdictsIT {
  private static final String REACH = "KubeletUnreachable";
  private static final String REFUSED = "KubeletUnauthorized";
  private static final String USELESS = "KubeletConfigUnavailable";

  @RegisterExtension static final FleetOperator operator = new FleetOperator("3S");
  @RegisterExtension final Fixture fixture = new Fixture();

  private final Map<String, SimulatedKubelet> kubelets = new HashMap<>();
  private final List<String> expected = new ArrayList<>();
  private final List<String> exempt = new ArrayList<>();
  private int unknown;
  private int drifted;

  private SimulatedKubelet hardened(String name) {
    var kubelet = operator.node(fixture, name).hardened();
    kubelets.put(name, kubelet);
    return kubelet;
  }

  private static String json(String text) {
    return text.replace('\'', '"');
  }

  /// @param patch a patch of the hardened configuration
  /// @param findings each CHECK: EXPECTED | ACTUAL
  private void drifts(String name, String patch, String... findings) {
    hardened(name).patch(json(patch));
    drifted++;
    for (var finding : findings) {
      var parts = finding.split(": ", 2);
      expected.add(parts[0] + " " + name + ": " + parts[1]);
    }
  }

  private void complies(String name, String patch) {
    hardened(name).patch(json(patch));
  }

  private void isUndetermined(String name, String patch) {
    hardened(name).patch(json(patch));
    unknown++;
  }

  private SimulatedKubelet isSilent(String name, String check, String reason) {
    unknown++;
    expected.add(check + " " + name + ": the kubelet's configuration | " + reason);
    return hardened(name);
  }

  private SimulatedKubelet isExempt(String name) {
    exempt.add(name);
    return hardened(name);
  }

  private void misbehaves(Behaviour behaviour, String check, String reason) {
    isSilent(behaviour.name().toLowerCase().replace('_', '-'), check, reason).behave(behaviour);
  }

  private void eachRuleIsBrokenSomewhere() {
    complies("hardened", "{}");
    complies(
        "spelled-otherwise",
        "{'systemReserved': {'memory': '1024Mi', 'cpu': '0.5'}, 'enforceNodeAllocatable':"
            + " ['kube-reserved', 'pods', 'system-reserved']}");
    complies("more", "{'kubeReserved': {'memory': '3Gi'}, 'podPidsLimit': 100}");
    complies(
        "reserved-cpus",
        "{'reservedSystemCPUs': '0-1', 'systemReservedCgroup': null, 'kubeReservedCgroup': null,"
            + " 'enforceNodeAllocatable': ['pods']}");
    drifts("driver", "{'cgroupDriver': 'cgroupfs'}", "KubeletCgroupDriver: systemd | cgroupfs");
    drifts(
        "levels",
        "{'enforceNodeAllocatable': ['pods']}",
        "KubeletEnforceNodeAllocatable: system-reserved, kube-reserved | pods");
    drifts(
        "no-levels",
        "{'enforceNodeAllocatable': null}",
        "KubeletEnforceNodeAllocatable: pods, system-reserved, kube-reserved | none");
    drifts(
        "compressible",
        "{'enforceNodeAllocatable': ['pods', 'system-reserved-compressible', 'kube-reserved']}",
        "KubeletEnforceNodeAllocatable: system-reserved | system-reserved-compressible");
    drifts(
        "system-memory",
        "{'systemReserved': {'memory': '512Mi'}}",
        "KubeletSystemReserved: memory >= 1Gi | memory 512Mi");
    drifts(
        "system-cgroup",
        "{'systemReservedCgroup': '/other.slice'}",
        "KubeletSystemReserved: cgroup /system.slice | cgroup /other.slice");
    drifts(
        "kube-cpu",
        "{'kubeReserved': {'cpu': null}}",
        "KubeletKubeReserved: cpu >= 500m | cpu unset");
    drifts("pids-minus-1", "{'podPidsLimit': -1}", "KubeletPodPidsLimit: <= 4096 | unlimited");
    drifts("pids-unset", "{'podPidsLimit': null}", "KubeletPodPidsLimit: <= 4096 | unlimited");
    drifts("pids-high", "{'podPidsLimit': 8192}", "KubeletPodPidsLimit: <= 4096 | 8192");
    drifts("max-pods", "{'maxPods': 250}", "KubeletConfig: maxPods = 110 | maxPods = 250");
    drifts(
        "two",
        "{'maxPods': 250, 'podPidsLimit': 8192}",
        "KubeletConfig: maxPods = 110 | maxPods = 250",
        "KubeletPodPidsLimit: <= 4096 | 8192");
    drifts(
        "defaults",
        "{}",
        "KubeletEnforceNodeAllocatable: system-reserved, kube-reserved | pods",
        "KubeletSystemReserved: cpu >= 500m, memory >= 1Gi, cgroup /system.slice | cpu unset,"
            + " memory unset, cgroup unset",
        "KubeletKubeReserved: cpu >= 500m, memory >= 1Gi, cgroup /kube.slice | cpu unset, memory"
            + " unset, cgroup unset",
        "KubeletPodPidsLimit: <= 4096 | unlimited");
    kubelets.get("defaults").defaults();
    isUndetermined("cgroup-untold", "{'failCgroupV1': false}");
    isUndetermined("driver-untold", "{}");
    kubelets.get("driver-untold").version("v1.34.1");
  }

  private void kubeletsMisbehave() {
    misbehaves(Behaviour.REFUSE, REACH, "ConnectionRefused");
    misbehaves(Behaviour.CLOSE_ON_ACCEPT, REACH, "ConnectionClosed");
    misbehaves(Behaviour.CLOSE_IN_THE_MIDDLE, REACH, "ConnectionClosed");
    misbehaves(Behaviour.HANG_BEFORE_HANDSHAKE, REACH, "Timeout");
    misbehaves(Behaviour.HANG_AFTER_REQUEST, REACH, "Timeout");
    misbehaves(Behaviour.TRICKLE, REACH, "Timeout");
    misbehaves(Behaviour.PLAIN_HTTP, REACH, "TlsFailed");
    misbehaves(Behaviour.OTHER_CA, REACH, "TlsUntrusted");
    misbehaves(Behaviour.WRONG_SAN, REACH, "TlsHostnameMismatch");
    misbehaves(Behaviour.EXPIRED, REACH, "TlsExpired");
    misbehaves(Behaviour.STATUS_401, REFUSED, "Unauthorized");
    misbehaves(Behaviour.STATUS_403, REFUSED, "Forbidden");
    misbehaves(Behaviour.STATUS_404, USELESS, "NotFound");
    misbehaves(Behaviour.STATUS_418, USELESS, "UnexpectedStatus");
    misbehaves(Behaviour.STATUS_500, USELESS, "ServerError");
    misbehaves(Behaviour.HUGE_BODY, USELESS, "TooLarge");
    misbehaves(Behaviour.HUGE_BODY_ANNOUNCED, USELESS, "TooLarge");
    misbehaves(Behaviour.ENDLESS_HEADERS, USELESS, "Garbage");
    misbehaves(Behaviour.GARBAGE, USELESS, "Garbage");
    misbehaves(Behaviour.HTML, USELESS, "Garbage");
    misbehaves(Behaviour.TRUNCATED_JSON, USELESS, "Garbage");
    misbehaves(Behaviour.DEEP_JSON, USELESS, "Garbage");
    isSilent("other-kind", USELESS, "Garbage").patch(json("{'kind': 'KubeProxyConfiguration'}"));
    isSilent("not-ready", REACH, "NodeNotReady").ready(false);
    isExempt("windows")
        .node(
            n ->
                n.editStatus()
                    .editNodeInfo()
                    .withOperatingSystem("windows")
                    .endNodeInfo()
                    .endStatus());
    isExempt("virtual").labels(Map.of("type", "virtual-kubelet"));
    isExempt("fargate").labels(Map.of("eks.amazonaws.com/compute-type", "fargate"));
    isExempt("fargate-by-provider")
        .node(
            n ->
                n.withNewSpec()
                    .withProviderID("aws:///a/1/fargate-ip-192-0-2-1.ec2.internal")
                    .endSpec());
    isExempt("tainted")
        .node(
            n ->
                n.withNewSpec()
                    .addNewTaint("NoSchedule", "virtual-kubelet.io/provider", null, "azure")
                    .endSpec());
    isExempt("kwok")
        .node(n -> n.editMetadata().addToAnnotations("kwok.x-k8s.io/node", "fake").endMetadata());
    isSilent("redirect", USELESS, "Redirected").redirectTo(kubelets.get("not-ready").url());
  }

  @Test
  void eachNodeGetsItsOwnVerdict() {
    eachRuleIsBrokenSomewhere();
    kubeletsMisbehave();
    kubelets.values().forEach(SimulatedKubelet::start);
    operator.policy(fixture, "p", "", HARDENED);

    int selected = kubelets.size();
    assertThat(selected).isGreaterThan(40);
    within(
        Duration.ofSeconds(60),
        () -> {
          assertThat(violations(fixture, "p")).containsExactlyInAnyOrderElementsOf(expected);
          assertThat(nodes(fixture, "p"))
              .isEqualTo(
                  "%d selected: %d compliant, %d drifted, %d unknown; False DriftFound"
                      .formatted(selected, compliant(selected), drifted, unknown));
        });
    var status = fixture.get("p").getStatus();
    assertThat(compliant(selected)).isEqualTo(4);
    assertThat(status.nodes().notApplicable()).isEqualTo(exempt.size());
    assertThat(status.nodes().summary()).isEqualTo("4/" + (selected - exempt.size()));
    assertThat(status.violationCount()).isEqualTo(expected.size());
    assertThat(fixture.status("p", "Ready")).isEqualTo("True Audited");
    assertThat(fixture.status("p", "Compliant")).isEqualTo("False ViolationsFound");
    assertThat(fixture.condition("p", "NodesCompliant").getMessage())
        .startsWith(
            "%d of %d nodes differ from the policy, %d gave no usable answer, 2 do not report all settings;"
                .formatted(drifted, selected, unknown - 2))
        .contains("undetermined: CgroupVersion (CgroupVersionNotReported) on 1 node")
        .contains("undetermined: KubeletCgroupDriver (CgroupDriverNotReported) on 1 node")
        .contains("not applicable: KubeletEnforceNodeAllocatable (ReservedSystemCPUs)")
        .contains(
            "without a Linux kubelet to ask: Fargate on 2 nodes (%1$s-fargate, %1$s-fargate-by-provider), Kwok on 1 node (%1$s-kwok), VirtualKubelet on 2 nodes (%1$s-tainted, %1$s-virtual), Windows on 1 node (%1$s-windows); exclude them"
                .formatted(fixture.id));
    assertThat(status.violations())
        .filteredOn(v -> v.expected().equals("the kubelet's configuration"))
        .hasSize(unknown - 2)
        .allSatisfy(
            v ->
                assertThat(v.message())
                    .endsWith("; it has not answered since the operator started"));
    theTokenWentNowhereElse();
  }

  private int compliant(int selected) {
    return selected - drifted - unknown - exempt.size();
  }

  private void theTokenWentNowhereElse() {
    for (var name : List.of("plain-http", "other-ca", "wrong-san", "expired")) {
      var seen = kubelets.get(name).seen();
      assertThat(seen.connections()).as(name).isPositive();
      assertThat(seen.handshakes()).as(name).isZero();
      assertThat(seen.bytesIn()).as(name).isZero();
      assertThat(seen.tokens()).as(name).isEmpty();
    }
    exempt.add("not-ready");
    for (var name : exempt) {
      assertThat(kubelets.get(name).seen().connections())
          .as(name + " need not be asked, and redirects lead nowhere")
          .isZero();
    }
    assertThat(kubelets.get("hardened").seen().tokens()).as("it was asked with one").hasSize(1);
  }

  /// A kubelet that would not start on cgroup v1 proves v2.
  @Test
  void theCgroupVersionIsJudged() {
    operator.node(fixture, "a").hardened().start();
    operator.policy(fixture, "p", "", "cgroupVersion: V1");
    within(
        Duration.ofSeconds(30),
        () -> {
          assertThat(violations(fixture, "p")).containsExactly("CgroupVersion a: V1 | V2");
          assertThat(nodes(fixture, "p"))
              .isEqualTo("1 selected: 0 compliant, 1 drifted, 0 unknown; False DriftFound");
        });
  }
}
