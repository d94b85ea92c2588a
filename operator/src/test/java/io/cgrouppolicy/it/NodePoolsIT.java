package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static io.cgrouppolicy.testing.FleetOperator.PIDS;
import static io.cgrouppolicy.testing.FleetOperator.nodes;
import static io.cgrouppolicy.testing.FleetOperator.violations;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.FleetOperator;
import io.cgrouppolicy.testing.kubelet.Behaviour;
import io.cgrouppolicy.testing.kubelet.SimulatedKubelet;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Which of several policies counts a node, and which findings exceptions accept.
class NodePoolsIT {
  private static final String FEWER_PIDS = "kubelet: {podPidsLimit: 100}";
  private static final String NONE =
      "0 selected: 0 compliant, 0 drifted, 0 unknown; Unknown NothingSelected";

  /// Policies of higher priority govern each node that it selects.
  private static final String OVERRULED =
      "0 selected: 0 compliant, 0 drifted, 0 unknown; True Compliant";

  private static final String GOOD =
      "1 selected: 1 compliant, 0 drifted, 0 unknown; True Compliant";
  private static final String DRIFTED =
      "1 selected: 0 compliant, 1 drifted, 0 unknown; False DriftFound";

  @RegisterExtension static final FleetOperator operator = new FleetOperator(FleetOperator.NEVER);

  @RegisterExtension final Fixture fixture = new Fixture();

  private void becomes(String policy, String line) {
    eventually(() -> assertThat(nodes(fixture, policy)).as(policy).isEqualTo(line));
  }

  private SimulatedKubelet node(String name, String pool) {
    return operator.node(fixture, name).hardened().labels(Map.of("pool", fixture.id + pool));
  }

  private void pool(String suffix, String head, String pool, String nodes) {
    operator.policy(fixture, suffix, head, "pool: " + fixture.id + pool, nodes);
  }

  @Test
  void poolsHaveTheirOwnAndALabelMovesANode() {
    var a = node("a", "web").start();
    node("b", "gpu").start();
    pool("web", "mode: Enforce,", "web", PIDS);
    pool("gpu", "mode: Enforce,", "gpu", FEWER_PIDS);
    becomes("web", GOOD);
    becomes("gpu", DRIFTED);
    a.labels(Map.of("pool", fixture.id + "gpu"));
    becomes("web", NONE);
    becomes("gpu", "2 selected: 0 compliant, 2 drifted, 0 unknown; False DriftFound");
    assertThat(a.seen().requests()).as("its answer is known").isEqualTo(1);
    a.labels(Map.of("pool", fixture.id + "web"));
    becomes("web", GOOD);
    becomes("gpu", DRIFTED);
  }

  /// Also before there is any verdict on the node.
  @Test
  void aNodeMovesThoughItsKubeletHangs() {
    var a = node("a", "web").behave(Behaviour.HANG_AFTER_REQUEST).start();
    pool("web", "", "web", PIDS);
    pool("gpu", "", "gpu", PIDS);
    eventually(() -> assertThat(nodes(fixture, "web")).startsWith("1 selected: 0 compliant"));
    a.labels(Map.of("pool", fixture.id + "gpu"));
    becomes("web", NONE);
    eventually(() -> assertThat(nodes(fixture, "gpu")).startsWith("1 selected: 0 compliant"));
    a.labels(Map.of("pool", fixture.id + "none"));
    becomes("gpu", NONE);
  }

  @Test
  void theHigherPriorityGoverns() {
    node("a", "web").start();
    operator.policy(fixture, "all", "mode: Enforce, priority: 1,", PIDS);
    pool("web", "mode: Enforce, priority: 2,", "web", FEWER_PIDS);
    becomes("web", DRIFTED);
    becomes("all", OVERRULED);
    pool("web", "mode: Enforce, priority: 0,", "web", FEWER_PIDS);
    becomes("all", GOOD);
    becomes("web", OVERRULED);
    fixture.delete("all");
    becomes("web", DRIFTED);
  }

  @Test
  void anAuditPolicyNeverTakesANodeFromOneInEnforce() {
    node("a", "web").start();
    operator.policy(fixture, "enforced", "mode: Enforce,", PIDS);
    becomes("enforced", GOOD);
    pool("draft", "mode: Audit, priority: 10,", "web", FEWER_PIDS);
    pool("beaten", "mode: Audit, priority: -1,", "web", FEWER_PIDS);
    becomes("draft", DRIFTED);
    becomes("enforced", GOOD);
    becomes("beaten", OVERRULED);
    pool("draft", "mode: Enforce, priority: 10,", "web", FEWER_PIDS);
    becomes("draft", DRIFTED);
    becomes("enforced", OVERRULED);
  }

  @Test
  void exceptionsNameNodesByGlobAndExpire() {
    node("old-1", "web").defaults().start();
    node("old-2", "web").defaults().start();
    node("new", "web").defaults().start();
    var expires = Instant.now().plusSeconds(12);
    operator.policy(
        fixture,
        "p",
        "exceptions: [{check: KubeletPodPidsLimit, nodes: ['%s-old-*'], reason: drained, expires: '%s'}],"
            .formatted(fixture.id, expires),
        PIDS);
    becomes("p", "3 selected: 2 compliant, 1 drifted, 0 unknown; False DriftFound");
    assertThat(violations(fixture, "p"))
        .containsExactly("KubeletPodPidsLimit new: <= 4096 | unlimited");
    assertThat(Instant.now()).as("seen while it was in force").isBefore(expires);
    becomes("p", "3 selected: 0 compliant, 3 drifted, 0 unknown; False DriftFound");
    assertThat(violations(fixture, "p")).hasSize(3);
    assertThat(Instant.now()).as("not before its end").isAfterOrEqualTo(expires);
  }

  @Test
  void aSilentKubeletThatIsAcceptedIsNoViolationAndStillUnknown() {
    node("a", "web").behave(Behaviour.REFUSE).start();
    operator.policy(
        fixture,
        "p",
        "exceptions: [{check: KubeletUnreachable, nodes: ['*-a'], reason: in repair}],",
        PIDS);
    becomes("p", "1 selected: 0 compliant, 0 drifted, 1 unknown; Unknown KubeletsUnknown");
    assertThat(violations(fixture, "p")).isEmpty();
  }
}
