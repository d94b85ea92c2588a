package io.cgrouppolicy.core.namespace;

import java.time.Duration;
import java.time.Instant;

/// Why the governing policy has no verdict on a namespace yet. Each reason has a time limit after
/// which the namespace is reconciled again, so that a lost event cannot leave it undecided.
///
/// @param since when the namespace became undecided; unchanged when the reason changes
public record Undecided(Reason reason, Instant since) {
  public enum Reason {
    /// The API server's own watch sees a new namespace a moment after the operator's does. Until
    /// then, its NamespaceLifecycle admission delays each create in the namespace by 50 ms. Ends
    /// after the time limit.
    NamespaceNew(Duration.ofMillis(15)),
    /// It waits while the operator writes to other namespaces, those without a LimitRange first.
    /// Ends when its turn comes.
    WritesQueued(Duration.ofSeconds(10)),
    /// The first list of pods is incomplete. Ends with the review of the namespace's pods after it.
    PodsNotListed(Duration.ofSeconds(10)),
    /// The owners of the pods are being looked up. Ends with the review of the namespace's pods
    /// after the lookup.
    OwnersPending(Duration.ofSeconds(10)),
    /// The object is newer than the watch has shown. Ends after the time limit, when the watch has
    /// caught up.
    WriteConflict(Duration.ofMillis(200));

    private final Duration lookAgain;

    Reason(Duration lookAgain) {
      this.lookAgain = lookAgain;
    }

    /// The time limit: how long until the namespace is reconciled again without an event.
    public Duration lookAgain() {
      return lookAgain;
    }
  }

  static Undecided next(Undecided before, Reason reason, Instant now) {
    return reason == null ? null : new Undecided(reason, before == null ? now : before.since());
  }
}
