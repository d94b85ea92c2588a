package io.cgrouppolicy.core.pods;

import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Map;

/// What a container declares. Maps are never null and never changed.
///
/// @param requests as the pod has them: a limit without a request is a request already, as the API
///     server has defaulted it
public record ContainerShape(
    String name, Role role, Map<String, Quantity> requests, Map<String, Quantity> limits) {

  /// When a container runs, on which depends what it adds to its pod.
  public enum Role {
    /// Runs to its end before the next one starts.
    INIT,
    /// An init container with `restartPolicy: Always`: runs as long as the pod does.
    SIDECAR,
    MAIN,
    /// Added to a running pod by `kubectl debug`; may not declare resources.
    EPHEMERAL
  }
}
