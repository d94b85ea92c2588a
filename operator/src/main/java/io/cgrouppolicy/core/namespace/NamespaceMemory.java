package io.cgrouppolicy.core.namespace;

import java.time.Instant;
import java.util.Map;

/// What the operator remembers about a namespace between reconciliations.
///
/// @param firstSeen when it was first reconciled, or null
/// @param covered whether a policy's objects were in place at any time since then
/// @param settledFor the uids and generations of the policies that the objects last matched, or
///     null; a difference under the same policies is an edit by another writer
/// @param failures the number of consecutive failed writes
/// @param reverts the recent reverts
/// @param adoptions the quotas that the quota controller has yet to adopt, by name
/// @param heldBack the rollout gate's answer that holds back the governing policy's objects, or
///     null
/// @param undecided why the governing policy has no verdict, or null
public record NamespaceMemory(
    Instant firstSeen,
    boolean covered,
    String settledFor,
    int failures,
    RevertHistory reverts,
    Map<String, QuotaAdoption> adoptions,
    PodSafety heldBack,
    Undecided undecided) {
  public static final NamespaceMemory NONE =
      new NamespaceMemory(null, false, null, 0, RevertHistory.NONE, Map.of(), null, null);

  NamespaceMemory seen(Instant now) {
    return firstSeen != null
        ? this
        : new NamespaceMemory(
            now, covered, settledFor, failures, reverts, adoptions, heldBack, undecided);
  }

  NamespaceMemory with(Map<String, QuotaAdoption> adoptions) {
    return new NamespaceMemory(
        firstSeen, covered, settledFor, failures, reverts, adoptions, heldBack, undecided);
  }

  NamespaceMemory with(RevertHistory reverts) {
    return new NamespaceMemory(
        firstSeen, covered, settledFor, failures, reverts, adoptions, heldBack, undecided);
  }

  NamespaceMemory failed() {
    return new NamespaceMemory(
        firstSeen, covered, settledFor, failures + 1, reverts, adoptions, heldBack, undecided);
  }

  /// Everything is in place for these policies.
  ///
  /// @param governed whether a policy governs the namespace
  NamespaceMemory settled(String policies, boolean governed) {
    return new NamespaceMemory(
        firstSeen, covered || governed, policies, 0, reverts, adoptions, null, null);
  }

  /// Decided, with nothing held back.
  NamespaceMemory decided() {
    return with(null, null);
  }

  NamespaceMemory heldBack(PodSafety safety, Instant now) {
    return with(safety, Undecided.next(undecided, safety.undecided(), now));
  }

  /// Its writes must wait, and no longer for the rollout gate.
  NamespaceMemory queued(Instant now) {
    return with(null, Undecided.next(undecided, Undecided.Reason.WritesQueued, now));
  }

  /// @param reason null when decided
  NamespaceMemory undecided(Undecided.Reason reason, Instant now) {
    return with(heldBack, Undecided.next(undecided, reason, now));
  }

  private NamespaceMemory with(PodSafety heldBack, Undecided undecided) {
    return new NamespaceMemory(
        firstSeen, covered, settledFor, failures, reverts, adoptions, heldBack, undecided);
  }
}
