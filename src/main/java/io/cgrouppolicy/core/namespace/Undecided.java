package io.cgrouppolicy.core.namespace;

import java.time.Duration;
import java.time.Instant;

/// Why the governing policy has no verdict on a namespace yet. Every reason has a limit after which
/// the namespace is looked at again in any case, so no namespace stays undecided because an event
/// was lost.
///
/// @param since when the namespace became undecided, for whatever reason first
public record Undecided(Reason reason, Instant since) {
  public enum Reason {
    /// The API server's own watch learns of a new namespace a moment after the operator's does.
    // Asked
    /// for an object in a namespace that it does not know, its admission waits 50 ms
    /// (NamespaceLifecycle). Ends by time.
    NamespaceNew(Duration.ofMillis(5)),
    /// The review of the namespace's pods ends it once the first list of pods is complete.
    PodsNotListed(Duration.ofSeconds(10)),
    /// The review of the namespace's pods ends it once their owners were looked up.
    OwnersPending(Duration.ofSeconds(10)),
    /// A write met a newer version of the object. Ends by time: the watch catches up.
    WriteConflict(Duration.ofMillis(200));

    private final Duration lookAgain;

    Reason(Duration lookAgain) {
      this.lookAgain = lookAgain;
    }

    /// After how long the namespace is looked at again if nothing wakes it sooner.
    public Duration lookAgain() {
      return lookAgain;
    }
  }

  static Undecided next(Undecided before, Reason reason, Instant now) {
    return reason == null ? null : new Undecided(reason, before == null ? now : before.since());
  }
}
