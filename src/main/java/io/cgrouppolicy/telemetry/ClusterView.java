package io.cgrouppolicy.telemetry;

import io.cgrouppolicy.core.check.Trouble;
import java.util.List;

/// What the probes ask of the operator's view of the cluster.
public interface ClusterView {
  /// What keeps the operator from seeing the cluster, or null; reason `Forbidden` when it is a
  /// permission.
  Trouble trouble();

  /// The kinds, in plural, whose watch was started and has ended for good. One that fails and is
  /// tried again is not among them.
  List<String> endedWatches();
}
