package io.cgrouppolicy.shell.node;

import io.cgrouppolicy.core.node.NodeDecision;
import io.cgrouppolicy.core.node.NodeMemory;
import io.cgrouppolicy.core.node.NodeRecord;
import io.cgrouppolicy.shell.cluster.ObjectStore;
import io.cgrouppolicy.shell.cluster.PolicyWaker;
import io.cgrouppolicy.telemetry.EventRecorder;
import jakarta.enterprise.context.ApplicationScoped;

/// Stores decisions about nodes and carries them out: wakes policies and sends events. Does not
/// block.
@ApplicationScoped
class NodePublisher implements SurveyedNode.Outcome {
  private final ObjectStore<NodeRecord> store;
  private final PolicyWaker waker;
  private final EventRecorder events;

  NodePublisher(ObjectStore<NodeRecord> store, PolicyWaker waker, EventRecorder events) {
    this.store = store;
    this.waker = waker;
    this.events = events;
  }

  @Override
  public NodeMemory memory(String node) {
    return store.get(node).memory();
  }

  @Override
  public void publish(String node, NodeDecision decision) {
    store.update(node, record -> record.with(decision.memory()));
    decision.wake().forEach(waker::wake);
    for (var event : decision.events()) {
      events.node(node, event.reason().name(), "Judge", event.note());
    }
  }

  @Override
  public void remove(String node) {
    store.remove(node);
  }
}
