package io.cgrouppolicy.shell.cluster;

import io.cgrouppolicy.core.namespace.QuotaAdoption;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import java.util.Objects;

/// Tells in which namespace a LimitRange or quota has changed in what counts.
final class ChildHandler<T extends HasMetadata> implements ResourceEventHandler<T> {
  private final ClusterCache.Listener listener;

  ChildHandler(ClusterCache.Listener listener) {
    this.listener = listener;
  }

  @Override
  public void onAdd(T object) {
    listener.childChanged(object.getMetadata().getNamespace());
  }

  @Override
  public void onUpdate(T before, T object) {
    if (!same(before, object)) {
      listener.childChanged(object.getMetadata().getNamespace());
    }
  }

  @Override
  public void onDelete(T object, boolean unknown) {
    listener.childChanged(object.getMetadata().getNamespace());
  }

  /// The store has dropped what a quota counts as used, and managed fields, so what is left is what
  /// counts. The quota controller writes `status.used` all the time; `status.hard` says whether it
  /// has adopted the quota.
  private static boolean same(HasMetadata before, HasMetadata after) {
    if (before == null
        || !Objects.equals(before.getMetadata().getLabels(), after.getMetadata().getLabels())
        || !Objects.equals(
            before.getMetadata().getOwnerReferences(), after.getMetadata().getOwnerReferences())) {
      return false;
    }
    return switch (after) {
      case LimitRange limitRange ->
          Objects.equals(((LimitRange) before).getSpec(), limitRange.getSpec());
      case ResourceQuota quota ->
          Objects.equals(((ResourceQuota) before).getSpec(), quota.getSpec())
              && Objects.equals(
                  QuotaAdoption.hard((ResourceQuota) before), QuotaAdoption.hard(quota));
      default -> false;
    };
  }
}
