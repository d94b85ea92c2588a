package io.cgrouppolicy.core.namespace;

import java.time.Instant;

/// What the operator remembers of a namespace from one look to the next.
///
/// @param firstSeen when it was first looked at, or null
/// @param covered whether a policy's objects have been in place since then
/// @param settledFor the policies and generations that the objects were last brought in line with,
///     or null; a difference under the same ones is an edit by another writer
/// @param failures writes in a row that failed
/// @param reverts recent reverts
/// @param adoption the quota that waits for the quota controller, or null
/// @param heldBack the answer because of which the governing policy's objects are not written, or
///     null when nothing is held back
/// @param undecided why the governing policy has no verdict, or null
public record NamespaceMemory(
    Instant firstSeen,
    boolean covered,
    String settledFor,
    int failures,
    RevertHistory reverts,
    QuotaAdoption adoption,
    PodSafety heldBack,
    Undecided undecided) {
  public static final NamespaceMemory NONE =
      new NamespaceMemory(null, false, null, 0, RevertHistory.NONE, null, null, null);

  NamespaceMemory seen(Instant now) {
    return firstSeen != null
        ? this
        : new NamespaceMemory(
            now, covered, settledFor, failures, reverts, adoption, heldBack, undecided);
  }

  NamespaceMemory with(QuotaAdoption adoption) {
    return new NamespaceMemory(
        firstSeen, covered, settledFor, failures, reverts, adoption, heldBack, undecided);
  }

  NamespaceMemory with(RevertHistory reverts) {
    return new NamespaceMemory(
        firstSeen, covered, settledFor, failures, reverts, adoption, heldBack, undecided);
  }

  /// Everything is in place for these policies.
  NamespaceMemory settled(String policies, boolean covered) {
    return new NamespaceMemory(
        firstSeen, this.covered || covered, policies, 0, reverts, adoption, null, null);
  }

  NamespaceMemory failed() {
    return new NamespaceMemory(
        firstSeen, covered, settledFor, failures + 1, reverts, adoption, heldBack, undecided);
  }

  /// Decided, with nothing held back.
  NamespaceMemory decided() {
    return new NamespaceMemory(
        firstSeen, covered, settledFor, failures, reverts, adoption, null, null);
  }

  NamespaceMemory heldBack(PodSafety safety, Instant now) {
    return new NamespaceMemory(
        firstSeen,
        covered,
        settledFor,
        failures,
        reverts,
        adoption,
        safety,
        Undecided.next(undecided, safety.undecided(), now));
  }

  NamespaceMemory undecided(Undecided.Reason reason, Instant now) {
    return new NamespaceMemory(
        firstSeen,
        covered,
        settledFor,
        failures,
        reverts,
        adoption,
        heldBack,
        Undecided.next(undecided, reason, now));
  }
}
