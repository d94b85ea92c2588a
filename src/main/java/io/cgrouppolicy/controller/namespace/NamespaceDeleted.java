package io.cgrouppolicy.controller.namespace;

import io.fabric8.kubernetes.api.model.Namespace;
import io.javaoperatorsdk.operator.processing.event.source.filter.OnDeleteFilter;
import jakarta.enterprise.inject.spi.CDI;

/// Learns that a namespace is gone: see [NamespaceChanged].
public class NamespaceDeleted implements OnDeleteFilter<Namespace> {
  @Override
  public boolean accept(Namespace namespace, Boolean finalStateUnknown) {
    CDI.current().select(NamespaceReconciler.class).get().forget(namespace.getMetadata().getName());
    return true;
  }
}
