package io.cgrouppolicy.shell.kubelet;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.BooleanSupplier;

/// Lets so many in at a time; the others wait in line, without a thread.
final class Turnstile {
  private final Queue<Waiting> line = new ArrayDeque<>();
  private int free;

  private record Waiting(BooleanSupplier gaveUp, Runnable task) {}

  Turnstile(int places) {
    free = places;
  }

  /// @param task is run once there is a place; it must not block, and see to it that `leave` is
  ///     called once
  /// @param gaveUp whether the task is no longer wanted; asked when its turn comes
  void enter(Runnable task, BooleanSupplier gaveUp) {
    synchronized (line) {
      if (free == 0) {
        line.add(new Waiting(gaveUp, task));
        return;
      }
      free--;
    }
    task.run();
  }

  void leave() {
    Waiting next;
    synchronized (line) {
      do {
        next = line.poll();
      } while (next != null && next.gaveUp().getAsBoolean());
      if (next == null) {
        free++;
        return;
      }
    }
    next.task().run();
  }
}
