package io.cgrouppolicy.shell.namespace;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Predicate;

/// Limits how many namespaces are written at the same time, and decides which is next. The SDK has
/// one queue for all kinds, first in, first out. When a policy of thousands of namespaces changes,
/// the statuses of policies, nodes and new namespaces would otherwise wait behind all of them.
///
/// A namespace that waits for its turn does not block a thread. It is reconciled again when its
/// turn comes.
final class WriteTurns {
  private final int turns;
  private final Predicate<String> wake;
  private final Set<String> taken = new HashSet<>();
  private final LinkedHashSet<String> urgent = new LinkedHashSet<>();
  private final LinkedHashSet<String> others = new LinkedHashSet<>();

  /// @param turns fewer than the SDK has threads
  /// @param wake triggers the reconciliation of a namespace; false if it no longer exists
  WriteTurns(int turns, Predicate<String> wake) {
    this.turns = turns;
    this.wake = wake;
  }

  /// Asks for a turn, before each write. A namespace that has one keeps it, unless its next write
  /// is not urgent and those of others are.
  ///
  /// @return false if the namespace must wait
  synchronized boolean take(String namespace, boolean isUrgent) {
    boolean free = taken.contains(namespace) ? isUrgent || urgent.isEmpty() : taken.size() < turns;
    (isUrgent ? others : urgent).remove(namespace);
    var queue = isUrgent ? urgent : others;
    if (free) {
      taken.add(namespace);
      queue.remove(namespace);
    } else {
      queue.add(namespace); // keeps its place
    }
    return free;
  }

  /// Ends a reconciliation, and wakes the next namespace if there is a turn for it.
  void end(String namespace) {
    String next;
    do {
      next = next(namespace);
    } while (next != null && !wake.test(next));
  }

  private synchronized String next(String done) {
    taken.remove(done);
    if (taken.size() >= turns) {
      return null; // they wake the next one when they end
    }
    var waiting = urgent.isEmpty() ? others : urgent;
    return waiting.isEmpty() ? null : waiting.removeFirst();
  }
}
