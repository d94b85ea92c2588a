package io.cgrouppolicy.core.kubelet.lint;

import io.cgrouppolicy.core.check.Problem;

/// A problem with kubelet settings, and its consequence.
public record Lint(Consequence consequence, Problem problem) {

  public enum Consequence {
    /// The kubelet's decoder or its validation rejects it, and the kubelet does not start.
    REJECTED,
    /// The kubelet stops later in its startup, because of the state of the machine.
    FAILS,
    /// The kubelet starts, but the setting has no effect.
    IGNORED
  }
}
