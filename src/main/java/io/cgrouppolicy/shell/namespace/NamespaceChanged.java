package io.cgrouppolicy.shell.namespace;

import io.fabric8.kubernetes.api.model.Namespace;
import io.javaoperatorsdk.operator.processing.event.source.filter.OnUpdateFilter;
import jakarta.enterprise.inject.spi.CDI;
import java.util.Objects;

/// Of a namespace's updates, only its labels and the start of its end matter. Namespaces have no
/// generation that would say so.
public class NamespaceChanged implements OnUpdateFilter<Namespace> {
  @Override
  public boolean accept(Namespace after, Namespace before) {
    if (after.getMetadata().getDeletionTimestamp() != null) {
      // The SDK hands an object that is being deleted to a reconciler only for a finalizer's sake,
      // and we have none: this is the only place that learns of it.
      CDI.current().select(NamespaceReconciler.class).get().forget(after.getMetadata().getName());
      return false;
    }
    return before == null
        || !Objects.equals(after.getMetadata().getLabels(), before.getMetadata().getLabels());
  }
}
