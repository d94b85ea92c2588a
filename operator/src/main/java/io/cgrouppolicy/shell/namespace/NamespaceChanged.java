package io.cgrouppolicy.shell.namespace;

import io.fabric8.kubernetes.api.model.Namespace;
import io.javaoperatorsdk.operator.processing.event.source.filter.OnUpdateFilter;
import java.util.Objects;

/// Reconciles a namespace only when its labels changed. Namespaces have no generation to compare.
/// [NamespaceEventSource] drops a namespace that starts to terminate.
public class NamespaceChanged implements OnUpdateFilter<Namespace> {
  @Override
  public boolean accept(Namespace after, Namespace before) {
    return after.getMetadata().getDeletionTimestamp() == null
        && (before == null
            || !Objects.equals(after.getMetadata().getLabels(), before.getMetadata().getLabels()));
  }
}
