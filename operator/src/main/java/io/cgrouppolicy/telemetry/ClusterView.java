package io.cgrouppolicy.telemetry;

import io.cgrouppolicy.core.check.Trouble;
import java.util.List;

/// The state of the operator's watches, for the probes.
public interface ClusterView {
  /// What keeps the operator from observing the cluster, or null. Its reason is `Forbidden` for a
  /// missing permission.
  Trouble trouble();

  /// The plural kinds whose watch was started and has ended permanently; excludes watches that fail
  /// and retry.
  List<String> endedWatches();
}
