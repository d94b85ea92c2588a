package io.cgrouppolicy.core.pods;

import java.util.List;

/// Judges one pod. It is asked for each pod of a namespace, each time that one of them changes, so
/// that it has to be quick: what depends on the shape alone is worth remembering, by the identity
/// of the shape.
@FunctionalInterface
public interface PodRule {
  /// @param workload that the pod belongs to, for advice that names it
  /// @return empty where nothing is wrong
  List<PodRemark> of(PodFacts pod, Workload workload);
}
