package io.cgrouppolicy.core.admission;

import io.cgrouppolicy.core.pods.ContainerShape;
import io.cgrouppolicy.core.pods.ContainerShape.Role;

/// One reason why the API server rejects a pod.
///
/// @param subject the part of the pod, which the server's text does not always name: "container
///     app", "init container setup", "pod"
/// @param text the server's error text
public record Rejection(Kind kind, String subject, String text) {
  /// The stage that rejects. Stages run in this order, and the first one that rejects hides the
  /// others.
  public enum Kind {
    /// API validation, which runs after the LimitRange defaults.
    INVALID,
    LIMIT_RANGE,
    /// The pod does not set a resource that the quota counts.
    QUOTA_UNSET,
    QUOTA_EXCEEDED
  }

  /// The subject for a container.
  public static String subject(ContainerShape container) {
    return (container.role() == Role.MAIN ? "container " : "init container ") + container.name();
  }

  /// Formats the rejection for messages.
  @Override
  public String toString() {
    return subject.equals("pod") ? text : subject + ": " + text;
  }
}
