package io.cgrouppolicy.controller.node;

import io.cgrouppolicy.kubelet.pressure.PodLimits;
import io.quarkus.arc.DefaultBean;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;

/// What pods on a node declare, for the causes of its pressure. Whoever keeps pods is a bean of
/// this type; without one, nothing is known.
public interface PodsOnNode {
  /// Empty where it is not known; does not block.
  Optional<PodLimits> limits(String node);

  /// In place of a bean that knows.
  @DefaultBean
  @ApplicationScoped
  class Unknown implements PodsOnNode {
    @Override
    public Optional<PodLimits> limits(String node) {
      return Optional.empty();
    }
  }
}
