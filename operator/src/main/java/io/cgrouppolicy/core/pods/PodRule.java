package io.cgrouppolicy.core.pods;

import java.util.List;

/// Judges one pod. Runs for every pod of a namespace whenever one of them changes, so it must be
/// fast: cache results that depend only on the shape, by the identity of the shape.
@FunctionalInterface
public interface PodRule {
  /// @param workload the pod's workload, which advice can name
  /// @return empty if the pod complies
  List<PodFinding> of(PodFacts pod, Workload workload);
}
