package io.cgrouppolicy.core.admission;

/// One reason why the API server does not let a pod in.
///
/// @param subject what of the pod, which the server's words do not always tell: "container app",
///     "init container setup", "pod"
/// @param text the server's own words
public record Rejection(Kind kind, String subject, String text) {
  /// Who refuses, in the order in which they are asked; who comes first hides the others.
  public enum Kind {
    /// The validation of the API, which comes after the defaults of LimitRanges.
    INVALID,
    LIMIT_RANGE,
    /// The quota counts a resource which the pod does not set.
    QUOTA_UNSET,
    QUOTA_EXCEEDED
  }

  /// For people.
  @Override
  public String toString() {
    return subject.equals("pod") ? text : subject + ": " + text;
  }
}
