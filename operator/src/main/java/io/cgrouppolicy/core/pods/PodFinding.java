package io.cgrouppolicy.core.pods;

import io.cgrouppolicy.core.check.Check;

/// One violation by one pod. The findings on the pods of a workload merge into one [Finding] for
/// each check; equal ones appear once, so that the text names containers but not the pod.
///
/// @param text completes a sentence that starts with the workload's name and its number of pods:
///     "container log-shipper has no memory limit"
/// @param advice how to fix it, appended once at the end of the message; or null
public record PodFinding(Check check, String expected, String actual, String text, String advice) {
  public static PodFinding of(Check check, String expected, String actual, String text) {
    return new PodFinding(check, expected, actual, text, null);
  }
}
