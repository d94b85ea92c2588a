package io.cgrouppolicy.shell.cluster;

import io.cgrouppolicy.core.limits.Child;
import io.cgrouppolicy.core.namespace.QuotaAdoption;
import io.cgrouppolicy.shell.write.PendingWrites;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import java.util.Objects;

/// Reports changes to the spec, labels, annotations or owners of a LimitRange or quota. Ignores the
/// echo of our own writes.
final class ChildHandler<T extends HasMetadata> implements ResourceEventHandler<T> {
  private final Child.Kind kind;
  private final PendingWrites pending;
  private final ClusterCache.Listener listener;

  ChildHandler(Child.Kind kind, PendingWrites pending, ClusterCache.Listener listener) {
    this.kind = kind;
    this.pending = pending;
    this.listener = listener;
  }

  @Override
  public void onAdd(T object) {
    changed(object);
  }

  @Override
  public void onUpdate(T before, T object) {
    if (before == null || !sameMetadata(before, object) || !Child.sameSpec(before, object)) {
      changed(object);
    } else if (object instanceof ResourceQuota quota && before instanceof ResourceQuota old) {
      statusChanged(old, quota, quota.getMetadata().getNamespace());
    }
  }

  /// Ignores changes of usage unless another key is exceeded, or one no longer is.
  private void statusChanged(ResourceQuota before, ResourceQuota quota, String namespace) {
    if (!QuotaAdoption.exceeded(before).keySet().equals(QuotaAdoption.exceeded(quota).keySet())) {
      listener.childChanged(namespace);
    } else if (!Objects.equals(QuotaAdoption.hard(before), QuotaAdoption.hard(quota))
        || !QuotaAdoption.uncounted(before).equals(QuotaAdoption.uncounted(quota))) {
      listener.quotaStatusChanged(namespace, QuotaAdoption.adopted(quota));
    }
  }

  @Override
  public void onDelete(T object, boolean unknown) {
    listener.childChanged(object.getMetadata().getNamespace());
  }

  /// Ignores quotas with other names, which [PruningItemStore] drops.
  private void changed(T object) {
    var metadata = object.getMetadata();
    boolean dropped = kind == Child.Kind.ResourceQuota && !Child.isQuotaName(metadata.getName());
    if (!dropped && !pending.isEcho(new Child(kind, metadata.getName()), object)) {
      listener.childChanged(metadata.getNamespace());
    }
  }

  private static boolean sameMetadata(HasMetadata before, HasMetadata after) {
    return Objects.equals(before.getMetadata().getLabels(), after.getMetadata().getLabels())
        && Objects.equals(
            before.getMetadata().getAnnotations(), after.getMetadata().getAnnotations())
        && Objects.equals(
            before.getMetadata().getOwnerReferences(), after.getMetadata().getOwnerReferences());
  }
}
