package io.cgrouppolicy.testing.kubelet;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import java.net.HttpURLConnection;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Stream;

/// Simulates what a kubelet does with the pods bound to its node, as far as the API shows: they are
/// Running and Ready at once, and gone at once when deleted, so that controllers can roll out.
final class SimulatedPods implements ResourceEventHandler<Pod> {
  private final KubernetesClient client;

  private SimulatedPods(KubernetesClient client) {
    this.client = client;
  }

  /// Handles all pods of the cluster until the client is closed.
  static void run(KubernetesClient client) {
    client.pods().inAnyNamespace().inform(new SimulatedPods(client));
  }

  @Override
  public void onAdd(Pod pod) {
    if (pod.getSpec().getNodeName() == null) {
      return;
    }
    try {
      if (pod.getMetadata().getDeletionTimestamp() != null) {
        client.resource(pod).withGracePeriod(0).delete();
      } else if (!"Running".equals(pod.getStatus().getPhase())) {
        client.resource(pod).editStatus(SimulatedPods::running);
      }
    } catch (KubernetesClientException e) {
      if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) { // it is gone already
        throw e;
      }
    }
  }

  @Override
  public void onUpdate(Pod before, Pod pod) {
    onAdd(pod);
  }

  @Override
  public void onDelete(Pod pod, boolean finalStateUnknown) {}

  private static Pod running(Pod pod) {
    var now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    var status = pod.getStatus();
    status.setPhase("Running");
    status.setStartTime(now);
    status.setConditions(
        Stream.of("PodScheduled", "Initialized", "ContainersReady", "Ready")
            .map(type -> condition(type, now))
            .toList());
    status.setContainerStatuses(containers(pod, now));
    return pod;
  }

  private static PodCondition condition(String type, String now) {
    return new PodConditionBuilder()
        .withType(type)
        .withStatus("True")
        .withLastTransitionTime(now)
        .build();
  }

  private static List<ContainerStatus> containers(Pod pod, String now) {
    return pod.getSpec().getContainers().stream()
        .map(
            container ->
                new ContainerStatusBuilder()
                    .withName(container.getName())
                    .withImage(container.getImage())
                    .withImageID("simulated")
                    .withContainerID("simulated://" + pod.getMetadata().getUid())
                    .withReady(true)
                    .withStarted(true)
                    .withRestartCount(0)
                    .withNewState()
                    .withNewRunning()
                    .withStartedAt(now)
                    .endRunning()
                    .endState()
                    .build())
        .toList();
  }
}
