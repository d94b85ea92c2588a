package io.cgrouppolicy.shell.cluster;

import io.cgrouppolicy.core.kubelet.NodeFacts;
import io.cgrouppolicy.core.limits.Child;
import io.cgrouppolicy.core.namespace.QuotaAdoption;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntryBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.ResourceQuotaStatus;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/// Keeps what the decisions need and drops the rest: annotations, what a quota's status counts as
/// used, and of the managed fields all but the fact that we are among the managers. Half of an
/// object or more.
public class PruningItemStore<T extends HasMetadata> extends TransformingItemStore<T> {
  private static final List<ManagedFieldsEntry> OURS =
      List.of(new ManagedFieldsEntryBuilder().withManager(Child.MANAGER).build());

  private static final Set<String> NODE_ANNOTATIONS =
      Set.of(NodeFacts.CURRENT_CONFIG, NodeFacts.DESIRED_CONFIG);

  @Override
  public T put(String key, T object) {
    var before = items.get(key);
    prune(object, before != null && sameObject(before, object) && Child.isOurs(before));
    return items.put(key, object);
  }

  private static boolean sameObject(HasMetadata before, HasMetadata after) {
    return Objects.equals(before.getMetadata().getUid(), after.getMetadata().getUid());
  }

  /// @param wasOurs whether this object was known as ours, which it stays: somebody who strips all
  ///     our marks and takes over all fields leaves no trace of us on it
  private static void prune(HasMetadata object, boolean wasOurs) {
    var metadata = object.getMetadata();
    if (object instanceof Node node) {
      prune(node);
      return;
    }
    metadata.setAnnotations(null);
    boolean ours = wasOurs || Child.isManaged(object);
    var managers = ours ? OURS : List.<ManagedFieldsEntry>of();
    if (object instanceof ResourceQuota quota) {
      managers = prune(quota, managers);
    }
    metadata.setManagedFields(managers);
  }

  /// Of a quota's status, `hard`. An adopted one has the map of its spec; one that is not keeps the
  /// time of its last write, from which on [QuotaAdoption] waits.
  ///
  /// @return the managed fields to keep
  private static List<ManagedFieldsEntry> prune(
      ResourceQuota quota, List<ManagedFieldsEntry> managers) {
    boolean adopted = QuotaAdoption.adopted(quota);
    var hard = adopted ? quota.getSpec().getHard() : QuotaAdoption.hard(quota);
    var status = new ResourceQuotaStatus();
    status.setHard(hard); // not by the builder, which would copy it
    quota.setStatus(status);
    if (adopted || managers.isEmpty()) {
      return managers;
    }
    return QuotaAdoption.written(quota)
        .map(time -> managers.getFirst().edit().withTime(time.toString()).build())
        .map(List::of)
        .orElse(managers);
  }

  /// Of a node, what [NodeFacts] reads and where its kubelet is.
  private static void prune(Node node) {
    var metadata = node.getMetadata();
    metadata.setManagedFields(List.of());
    if (metadata.getAnnotations() != null) {
      metadata.getAnnotations().keySet().retainAll(NODE_ANNOTATIONS);
    }
    node.setSpec(null);
    var status = node.getStatus();
    if (status != null) {
      status.setImages(List.of());
      status.setVolumesAttached(List.of());
      status.setVolumesInUse(List.of());
      status.setAllocatable(null);
      status.setConditions(
          status.getConditions().stream().filter(c -> "Ready".equals(c.getType())).toList());
    }
  }
}
