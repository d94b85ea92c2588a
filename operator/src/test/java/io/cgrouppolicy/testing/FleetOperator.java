package io.cgrouppolicy.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.NodeCounts;
import io.cgrouppolicy.testing.kubelet.KubeletFleet;
import io.cgrouppolicy.testing.kubelet.SimulatedKubelet;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// Simulated kubelets and an operator that reads them, for one test class: an extension for a
/// static field. Removes the nodes after each test.
public final class FleetOperator implements BeforeAllCallback, AfterEachCallback, AfterAllCallback {
  /// The kubelet settings of the design, which `hardened()` satisfies and `defaults()` does not.
  public static final String HARDENED =
      "cgroupVersion: V2, kubelet: {cgroupDriver: systemd, enforceNodeAllocatable: [pods,"
          + " system-reserved, kube-reserved], systemReserved: {cpu: 500m, memory: 1Gi},"
          + " systemReservedCgroup: /system.slice, kubeReserved: {cpu: 500m, memory: 1Gi},"
          + " kubeReservedCgroup: /kube.slice, podPidsLimit: 4096, config: {maxPods: 110}}";

  /// Requires a single setting.
  public static final String PIDS = "kubelet: {podPidsLimit: 4096}";

  /// Longer than any test, so that kubelets are read again only for a reason.
  public static final String NEVER = "1H";

  private final Map<String, String> settings = new HashMap<>();
  private boolean started = true;
  private KubeletFleet fleet;
  private OperatorProcess operator;

  /// @param interval the time between two reads of a kubelet, such as `3S`
  public FleetOperator(String interval) {
    settings.put("CGROUP_POLICY_KUBELET_INTERVAL", interval);
    settings.put("CGROUP_POLICY_KUBELET_TIMEOUT", "2S");
  }

  public FleetOperator with(String setting, String value) {
    settings.put(setting, value);
    return this;
  }

  /// Does not start the operator; each test does.
  public FleetOperator notStarted() {
    started = false;
    return this;
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    SharedOperator.stop();
    fleet = KubeletFleet.start(LocalCluster.get().admin());
    settings.putIfAbsent("CGROUP_POLICY_KUBELET_CA_FILE", fleet.caFile().toString());
    if (started) {
      operator = start();
    }
  }

  /// Starts another operator, which the caller stops.
  public OperatorProcess start() {
    return new OperatorProcess(settings);
  }

  public KubeletFleet fleet() {
    return fleet;
  }

  public OperatorProcess process() {
    return operator;
  }

  /// Creates a kubelet with default settings whose node [#policy] selects; the caller starts it.
  public SimulatedKubelet node(Fixture fixture, String name) {
    return fleet.node(fixture.id + "-" + name).labels(Map.of("test", fixture.id));
  }

  /// Applies a policy that selects the nodes of this test.
  ///
  /// @param head members of the spec, such as `mode: Enforce, priority: 1, `
  /// @param nodes members of `spec.nodes` besides the selector
  public CgroupPolicy policy(Fixture fixture, String suffix, String head, String nodes) {
    return policy(fixture, suffix, head, "test: " + fixture.id, nodes);
  }

  /// @param labels the labels that nodes must have
  public CgroupPolicy policy(
      Fixture fixture, String suffix, String head, String labels, String nodes) {
    return fixture.apply(
        suffix,
        """
        apiVersion: cgroup-policy.io/v1alpha1
        kind: CgroupPolicy
        metadata: {name: %s}
        spec: {%s nodes: {selector: {matchLabels: {%s}}, %s}}
        """
            .formatted(fixture.id + "-" + suffix, head, labels, nodes));
  }

  /// Counters and condition in one line, such as `2 selected: 1 compliant, 1 drifted, 0 unknown;
  /// False DriftFound`, once the status describes the current generation.
  public static String nodes(Fixture fixture, String suffix) {
    var condition = fixture.status(suffix, "NodesCompliant");
    NodeCounts counts = fixture.get(suffix).getStatus().nodes();
    return counts.selected()
        + " selected: "
        + counts.compliant()
        + " compliant, "
        + counts.drifted()
        + " drifted, "
        + counts.unknown()
        + " unknown; "
        + condition;
  }

  /// The same for pressure, such as `2 observed, 1 above, 0 unavailable; False PressureAbove`.
  public static String pressure(Fixture fixture, String suffix) {
    var condition = fixture.status(suffix, "PressureNormal");
    var counts = fixture.get(suffix).getStatus().pressure();
    return "%d observed, %d above, %d unavailable; %s"
        .formatted(counts.observed(), counts.above(), counts.unavailable(), condition);
  }

  /// The message of a node's first violation, without the node's name.
  public static String message(Fixture fixture, String suffix, String node) {
    fixture.condition(suffix, "Ready"); // wait for a status
    return fixture.get(suffix).getStatus().violations().stream()
        .filter(v -> v.name().equals(fixture.id + "-" + node))
        .map(v -> v.message().substring(v.name().length() + ": ".length()))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no violation of node " + node));
  }

  /// The violations, as `CHECK NODE: EXPECTED | ACTUAL`, with node names relative to this test.
  public static List<String> violations(Fixture fixture, String suffix) {
    fixture.condition(suffix, "Ready");
    return fixture.get(suffix).getStatus().violations().stream()
        .map(
            v ->
                v.check()
                    + " "
                    + (v.kind().equals("Node") ? "" : v.kind() + " ")
                    + v.name().replaceFirst("^" + fixture.id + "-", "")
                    + ": "
                    + v.expected()
                    + " | "
                    + v.actual())
        .toList();
  }

  @Override
  public void afterEach(ExtensionContext context) {
    LocalCluster.get().admin().nodes().withLabel("cgroup-policy.io/simulated", fleet.id()).delete();
  }

  @Override
  public void afterAll(ExtensionContext context) {
    if (operator != null) {
      operator.close();
    }
    fleet.close();
    assertThat(fleet.tokens())
        .as("no kubelet has seen a token that can do more than read kubelets")
        .allSatisfy(t -> assertThat(user(t)).isEqualTo(LocalCluster.KUBELET_READER_USER));
  }

  /// The user of a ServiceAccount's token, by the claim in it.
  private static String user(String token) {
    var claims = Base64.getUrlDecoder().decode(token.split("\\.")[1]);
    return Serialization.unmarshal(new String(claims, UTF_8), Map.class).get("sub").toString();
  }
}
