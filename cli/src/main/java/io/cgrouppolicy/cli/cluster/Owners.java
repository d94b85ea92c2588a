package io.cgrouppolicy.cli.cluster;

import io.cgrouppolicy.core.pods.Controllers;
import io.cgrouppolicy.core.pods.PodFacts;
import io.cgrouppolicy.core.pods.Workload;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// The workloads of pods: the owners of their ReplicaSets and Jobs.
final class Owners {
  private final Lists lists;

  /// The owner of each ReplicaSet and Job, by the uid of the latter; empty if it has none.
  private final Map<String, Optional<OwnerReference>> owners = new HashMap<>();

  private final Map<String, Deployment> deployments = new HashMap<>();

  Owners(Lists lists) {
    this.lists = lists;
  }

  void read() {
    read(ReplicaSet.class);
    read(Job.class);
    lists.namespaced(
        Deployment.class,
        deployment -> {
          var strategy = new Deployment();
          strategy.setSpec(deployment.getSpec());
          strategy.getSpec().setTemplate(null); // large
          deployments.put(deployment.getMetadata().getUid(), strategy);
          return Stream.empty();
        });
  }

  private <T extends HasMetadata> void read(Class<T> type) {
    lists.namespaced(
        type,
        object -> {
          owners.put(object.getMetadata().getUid(), Controllers.owner(object));
          return Stream.empty();
        });
  }

  Workload of(PodFacts pod) {
    var controller = pod.controller();
    if (controller == null || pod.mirror()) {
      return Workload.of(pod);
    }
    var owner = owners.get(controller.uid());
    if (owner == null || !Controllers.isOwned(controller)) {
      return Controllers.direct(controller);
    }
    return owner
        .map(
            found ->
                Controllers.owned(
                    found,
                    Controllers.isDeployment(found) ? deployments.get(found.getUid()) : null))
        .orElseGet(() -> Controllers.unowned(controller));
  }
}
