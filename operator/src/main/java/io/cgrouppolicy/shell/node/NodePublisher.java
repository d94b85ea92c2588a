package io.cgrouppolicy.shell.node;

import io.cgrouppolicy.core.kubelet.judge.NodeVerdict;
import io.cgrouppolicy.core.kubelet.pressure.PressureVerdict;
import io.cgrouppolicy.core.node.NodeDecision;
import io.cgrouppolicy.core.pods.NeighbourVerdict;
import io.cgrouppolicy.shell.cluster.ComplianceIndex;
import io.cgrouppolicy.shell.cluster.PolicyWaker;
import io.cgrouppolicy.telemetry.EventRecorder;
import jakarta.enterprise.context.ApplicationScoped;

/// Carries out decisions about nodes: verdicts for the status of policies, and events. Does not
/// block.
@ApplicationScoped
class NodePublisher implements SurveyedNode.Outcome {
  private final ComplianceIndex<NodeVerdict> verdicts;
  private final ComplianceIndex<PressureVerdict> pressure;
  private final ComplianceIndex<NeighbourVerdict> neighbours;
  private final PolicyWaker waker;
  private final EventRecorder events;

  NodePublisher(
      ComplianceIndex<NodeVerdict> verdicts,
      ComplianceIndex<PressureVerdict> pressure,
      ComplianceIndex<NeighbourVerdict> neighbours,
      PolicyWaker waker,
      EventRecorder events) {
    this.verdicts = verdicts;
    this.pressure = pressure;
    this.neighbours = neighbours;
    this.waker = waker;
    this.events = events;
  }

  @Override
  public void publish(String node, NodeDecision decision) {
    verdicts.put(node, decision.memory().verdicts());
    pressure.put(node, decision.memory().pressure());
    decision.wake().forEach(waker::wake);
    for (var event : decision.events()) {
      events.node(node, event.reason().name(), "Judge", event.note());
    }
  }

  @Override
  public void remove(String node) {
    verdicts.remove(node);
    pressure.remove(node);
    neighbours.remove(node);
  }
}
