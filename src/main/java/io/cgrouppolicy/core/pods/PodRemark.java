package io.cgrouppolicy.core.pods;

import io.cgrouppolicy.core.check.Check;

/// What a rule has to say of one pod. The remarks on the pods of a workload become one finding for
/// each check, in which equal remarks are told once: a text names containers, but not the pod.
///
/// @param text follows the name of the workload and the number of its pods: "container log-shipper
///     has no memory limit"
/// @param advice what to do about it, told once at the end; or null
public record PodRemark(Check check, String expected, String actual, String text, String advice) {
  public static PodRemark of(Check check, String expected, String actual, String text) {
    return new PodRemark(check, expected, actual, text, null);
  }
}
