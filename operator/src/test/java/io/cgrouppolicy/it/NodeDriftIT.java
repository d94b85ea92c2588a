package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static io.cgrouppolicy.testing.FleetOperator.HARDENED;
import static io.cgrouppolicy.testing.FleetOperator.PIDS;
import static io.cgrouppolicy.testing.FleetOperator.nodes;
import static io.cgrouppolicy.testing.FleetOperator.violations;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.FleetOperator;
import io.cgrouppolicy.testing.Kubectl;
import io.cgrouppolicy.testing.kubelet.Behaviour;
import io.cgrouppolicy.testing.kubelet.SimulatedKubelet;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Kubelets are read repeatedly: their changes appear in status and events.
class NodeDriftIT {
  private static final String GOOD =
      "1 selected: 1 compliant, 0 drifted, 0 unknown; True Compliant";
  private static final String DRIFTED =
      "1 selected: 0 compliant, 1 drifted, 0 unknown; False DriftFound";
  private static final String SILENT =
      "1 selected: 0 compliant, 0 drifted, 1 unknown; Unknown KubeletsUnknown";

  @RegisterExtension static final FleetOperator operator = new FleetOperator("1S");
  @RegisterExtension final Fixture fixture = new Fixture();

  private void becomes(String line) {
    eventually(() -> assertThat(nodes(fixture, "p")).isEqualTo(line));
  }

  private List<Event> events(SimulatedKubelet kubelet) {
    return fixture.client.events().v1().events().inNamespace("default").list().getItems().stream()
        .filter(e -> e.getRegarding().getKind().equals("Node"))
        .filter(e -> e.getRegarding().getName().equals(kubelet.name()))
        .toList();
  }

  @Test
  void aFixedKubeletBecomesCompliant() {
    var kubelet = operator.node(fixture, "a").defaults().start();
    operator.policy(fixture, "p", "", HARDENED);
    becomes(DRIFTED);
    assertThat(fixture.get("p").getStatus().violationCount()).isEqualTo(4);
    assertThat(events(kubelet)).as("what was so when it was first judged").isEmpty();
    kubelet.hardened();
    becomes(GOOD);
    assertThat(violations(fixture, "p")).isEmpty();
    assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant");
    assertThat(fixture.status("p", "Ready")).isEqualTo("True Audited");
    assertThat(Kubectl.run("get", "cgp", fixture.id + "-p")).contains("1/1");
  }

  @Test
  void aKubeletThatDriftsIsReported() {
    var kubelet = operator.node(fixture, "a").hardened().start();
    operator.policy(fixture, "p", "", HARDENED);
    becomes(GOOD);
    kubelet.patch("{\"podPidsLimit\": -1}");
    becomes(DRIFTED);
    assertThat(violations(fixture, "p"))
        .containsExactly("KubeletPodPidsLimit a: <= 4096 | unlimited");
    kubelet.patch("{\"maxPods\": 250}");
    eventually(() -> assertThat(violations(fixture, "p")).hasSize(2));
    eventually(
        () ->
            assertThat(events(kubelet))
                .extracting(Event::getReason)
                .containsExactlyInAnyOrder("KubeletPodPidsLimit", "KubeletConfig"));
    assertThat(events(kubelet))
        .allSatisfy(
            event -> {
              assertThat(event.getType()).isEqualTo("Warning");
              assertThat(event.getAction()).isEqualTo("Judge");
              assertThat(event.getNote()).startsWith("policy " + fixture.id + "-p: ");
            });
    assertThat(Kubectl.run("describe", "node", kubelet.name()))
        .containsPattern("Warning +KubeletPodPidsLimit .*podPidsLimit is unlimited");
  }

  @Test
  void aKubeletThatStopsAnsweringIsUnknownSinceItsLastAnswer() {
    var kubelet = operator.node(fixture, "a").hardened().start();
    operator.policy(fixture, "p", "", PIDS);
    becomes(GOOD);
    kubelet.behave(Behaviour.HANG_AFTER_REQUEST);
    becomes(SILENT);
    assertThat(violations(fixture, "p"))
        .containsExactly("KubeletUnreachable a: the kubelet's configuration | Timeout");
    var message = fixture.get("p").getStatus().violations().getFirst().message();
    assertThat(message)
        .contains("took longer than 2s for")
        .containsPattern("; it last answered at 20[-0-9]+T[:0-9]+Z$");
    eventually(
        () ->
            assertThat(events(kubelet))
                .extracting(Event::getReason)
                .containsExactly("KubeletUnreachable"));

    int asked = kubelet.seen().requests();
    eventually(() -> assertThat(kubelet.seen().requests()).isGreaterThan(asked + 1));
    assertThat(fixture.get("p").getStatus().violations().getFirst().message())
        .as("the same for as long as it is silent")
        .isEqualTo(message);
    kubelet.behave(Behaviour.ANSWER);
    becomes(GOOD);
  }

  @Test
  void aPolicyChangeCausesNoEvent() {
    var kubelet = operator.node(fixture, "a").hardened().start();
    operator.policy(fixture, "p", "", PIDS);
    becomes(GOOD);
    operator.policy(fixture, "p", "", "kubelet: {podPidsLimit: 100}");
    becomes(DRIFTED);
    kubelet.patch("{\"maxPods\": 250}");
    operator.policy(fixture, "p", "", "kubelet: {podPidsLimit: 100, config: {maxPods: 250}}");
    eventually(() -> assertThat(violations(fixture, "p")).hasSize(1));
    kubelet.patch("{\"maxPods\": 30}");
    eventually(
        () ->
            assertThat(events(kubelet))
                .extracting(Event::getReason)
                .as("the drift, and nothing of before")
                .containsExactly("KubeletConfig"));
  }
}
