package io.cgrouppolicy.controller.namespace;

import io.fabric8.kubernetes.api.model.Namespace;
import io.javaoperatorsdk.operator.processing.event.source.filter.OnUpdateFilter;
import java.util.Objects;

/// Of a namespace's updates, only its labels and the start of its end matter. Namespaces have no
/// generation that would say so.
public class NamespaceChanged implements OnUpdateFilter<Namespace> {
  @Override
  public boolean accept(Namespace after, Namespace before) {
    return before == null
        || !Objects.equals(after.getMetadata().getLabels(), before.getMetadata().getLabels())
        || !Objects.equals(
            after.getMetadata().getDeletionTimestamp(),
            before.getMetadata().getDeletionTimestamp());
  }
}
