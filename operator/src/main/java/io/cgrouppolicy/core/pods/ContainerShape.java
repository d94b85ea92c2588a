package io.cgrouppolicy.core.pods;

import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Map;

/// The resources that one container declares. The maps are never null and never modified.
///
/// @param requests as stored in the pod, where the API server has already copied limits without a
///     request into the requests
public record ContainerShape(
    String name, Role role, Map<String, Quantity> requests, Map<String, Quantity> limits) {

  /// When a container runs, which determines how its resources add to those of the pod.
  public enum Role {
    /// Runs to completion before the next init container starts.
    INIT,
    /// An init container with `restartPolicy: Always`: runs for the lifetime of the pod.
    SIDECAR,
    MAIN,
    /// Added to a running pod by `kubectl debug`; cannot declare resources.
    EPHEMERAL
  }
}
