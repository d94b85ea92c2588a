package io.cgrouppolicy.cli.recommend;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import java.util.List;
import java.util.Map;

/// A policy, and the reasons for its figures.
///
/// @param policy as it is printed, in mode Audit
/// @param notes what to know about the figures
/// @param namespaces the number of namespaces with pods that it is derived from
/// @param pods the number of pods that it is derived from
/// @param wouldChange the number of pods that would get a default when they are next created
/// @param leftOut why the policy excludes namespaces, by name: it would reject something there
/// @param rejected what it would reject nevertheless, by namespace; usually none
public record Recommendation(
    CgroupPolicy policy,
    Choices choices,
    Usage usage,
    LimitFigures limits,
    Map<String, Figure> quota,
    List<String> notes,
    int namespaces,
    int pods,
    int wouldChange,
    Map<String, List<String>> leftOut,
    Map<String, List<String>> rejected) {

  /// Whether the policy is for all namespaces, and rejects nothing in any.
  public boolean whole() {
    return leftOut.isEmpty() && rejected.isEmpty();
  }
}
