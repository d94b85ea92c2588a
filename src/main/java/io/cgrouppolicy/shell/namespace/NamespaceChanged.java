package io.cgrouppolicy.shell.namespace;

import io.fabric8.kubernetes.api.model.Namespace;
import io.javaoperatorsdk.operator.processing.event.source.filter.OnUpdateFilter;
import java.util.Objects;

/// Of a namespace's updates, only new labels need a reconciliation. Namespaces have no generation
/// that would say so. A namespace that starts to terminate is dropped by [NamespaceEventSource].
public class NamespaceChanged implements OnUpdateFilter<Namespace> {
  @Override
  public boolean accept(Namespace after, Namespace before) {
    return after.getMetadata().getDeletionTimestamp() == null
        && (before == null
            || !Objects.equals(after.getMetadata().getLabels(), before.getMetadata().getLabels()));
  }
}
