package io.cgrouppolicy.controller.workload;

import io.cgrouppolicy.workload.PodFacts;
import io.quarkus.arc.DefaultBean;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.OptionalLong;

/// How much memory pods use. Whoever measures it is a bean of this type; without one, nothing is
/// known.
public interface PodUsage {
  /// The working set in bytes, where it is known; does not block.
  OptionalLong memory(PodFacts pod);

  /// In place of a bean that knows.
  @DefaultBean
  @ApplicationScoped
  class Unknown implements PodUsage {
    @Override
    public OptionalLong memory(PodFacts pod) {
      return OptionalLong.empty();
    }
  }
}
