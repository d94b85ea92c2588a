package io.cgrouppolicy.shell.cluster;

import com.github.benmanes.caffeine.cache.Interner;
import io.cgrouppolicy.core.kubelet.Exemption;
import io.cgrouppolicy.core.kubelet.NodeFacts;
import io.cgrouppolicy.core.limits.Annotations;
import io.cgrouppolicy.core.limits.Child;
import io.cgrouppolicy.core.namespace.QuotaAdoption;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntryBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.NodeSpecBuilder;
import io.fabric8.kubernetes.api.model.NodeSystemInfo;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.ResourceQuotaStatus;
import io.fabric8.kubernetes.client.informers.cache.BasicItemStore;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// Drops what no decision reads: quotas with other names than ours, foreign annotations, the usage
/// in a quota's status unless it exceeds the quota, and all managed fields except the mark that we
/// are a manager. This is at least half of an object.
public class PruningItemStore<T extends HasMetadata> extends BasicItemStore<T> {
  /// Page size of the first list, because an object is several times larger until it is pruned.
  public static final long PAGE = 500;

  private static final List<ManagedFieldsEntry> OURS =
      List.of(new ManagedFieldsEntryBuilder().withManager(Child.MANAGER).build());

  /// Most objects have the same annotations.
  private static final Interner<Map<String, String>> ANNOTATIONS = Interner.newWeakInterner();

  private static final Set<String> NODE_ANNOTATIONS =
      Set.of(NodeFacts.CURRENT_CONFIG, NodeFacts.DESIRED_CONFIG, Exemption.KWOK);

  public PruningItemStore() {
    super(Cache::metaNamespaceKeyFunc);
  }

  @Override
  public boolean isFullState() {
    return false;
  }

  @Override
  public T put(String key, T object) {
    if (object instanceof ResourceQuota && !Child.isQuotaName(object.getMetadata().getName())) {
      return null;
    }
    var before = get(key);
    prune(object, before != null && sameObject(before, object) && Child.isOurs(before));
    return super.put(key, object);
  }

  private static boolean sameObject(HasMetadata before, HasMetadata after) {
    return Objects.equals(before.getMetadata().getUid(), after.getMetadata().getUid());
  }

  /// @param wasOurs whether this object was ours before. It then stays ours: another writer can
  ///     strip all our marks and take over all fields, which leaves no trace of us on the object
  private static void prune(HasMetadata object, boolean wasOurs) {
    var metadata = object.getMetadata();
    if (object instanceof Node node) {
      prune(node);
      return;
    }
    var annotations = Annotations.kept(object);
    metadata.setAnnotations(annotations == null ? null : ANNOTATIONS.intern(annotations));
    boolean ours = wasOurs || Child.isManaged(object);
    var managers = ours ? OURS : List.<ManagedFieldsEntry>of();
    if (object instanceof ResourceQuota quota) {
      managers = prune(quota, managers);
    }
    metadata.setManagedFields(managers);
  }

  /// Keeps `hard` of a quota's status, which keys of it are counted, and the usage that exceeds it.
  /// An adopted quota shares the map of its spec; any other keeps the time of its last write, from
  /// which [QuotaAdoption] counts.
  ///
  /// @return the managed fields to keep
  private static List<ManagedFieldsEntry> prune(
      ResourceQuota quota, List<ManagedFieldsEntry> managers) {
    boolean adopted = QuotaAdoption.adopted(quota);
    var hard = adopted ? quota.getSpec().getHard() : QuotaAdoption.hard(quota);
    var status = new ResourceQuotaStatus();
    status.setHard(hard); // the builder would copy the map
    var exceeded = QuotaAdoption.exceeded(quota);
    if (adopted || hard == null) {
      status.setUsed(exceeded);
    } else {
      var counted = new HashMap<>(hard);
      counted.keySet().removeAll(QuotaAdoption.uncounted(quota));
      counted.putAll(exceeded);
      status.setUsed(counted);
    }
    quota.setStatus(status);
    if (adopted || managers.isEmpty()) {
      return managers;
    }
    return QuotaAdoption.written(quota)
        .map(time -> managers.getFirst().edit().withTime(time.toString()).build())
        .map(List::of)
        .orElse(managers);
  }

  /// Keeps what [NodeFacts] reads and the address of the kubelet.
  private static void prune(Node node) {
    var metadata = node.getMetadata();
    metadata.setManagedFields(List.of());
    if (metadata.getAnnotations() != null) {
      metadata.getAnnotations().keySet().retainAll(NODE_ANNOTATIONS);
    }
    if (node.getSpec() != null) {
      node.setSpec(
          new NodeSpecBuilder()
              .withProviderID(node.getSpec().getProviderID())
              .withTaints(node.getSpec().getTaints())
              .build());
    }
    var status = node.getStatus();
    if (status != null) {
      status.setImages(List.of());
      status.setVolumesAttached(List.of());
      status.setVolumesInUse(List.of());
      status.setAllocatable(null);
      status.setConditions(
          status.getConditions().stream()
              .filter(c -> "Ready".equals(c.getType()))
              .map(PruningItemStore::pruned)
              .toList());
      if (status.getNodeInfo() != null) {
        status.setNodeInfo(pruned(status.getNodeInfo()));
      }
    }
  }

  private static NodeCondition pruned(NodeCondition condition) {
    var kept = new NodeCondition();
    kept.setType("Ready");
    kept.setStatus(interned(condition.getStatus()));
    return kept;
  }

  private static NodeSystemInfo pruned(NodeSystemInfo info) {
    var kept = new NodeSystemInfo();
    kept.setBootID(info.getBootID());
    kept.setKubeletVersion(interned(info.getKubeletVersion()));
    kept.setContainerRuntimeVersion(interned(info.getContainerRuntimeVersion()));
    kept.setOperatingSystem(interned(info.getOperatingSystem()));
    return kept;
  }

  /// Nodes share these few texts.
  private static String interned(String text) {
    return text == null ? null : text.intern();
  }
}
