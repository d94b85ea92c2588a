package io.cgrouppolicy.chaos;

import io.cgrouppolicy.testing.OperatorProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// What a process of the operator takes, after a garbage collection.
record Footprint(int threads, int files, long heapMiB) {
  static Footprint of(OperatorProcess process) {
    long heap = process.liveHeapBytes() >> 20;
    var proc = Path.of("/proc/" + process.pid());
    return new Footprint(entries(proc.resolve("task")), entries(proc.resolve("fd")), heap);
  }

  private static int entries(Path directory) {
    try (var entries = Files.list(directory)) {
      return (int) entries.count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// What grew beyond this, with an allowance for idle connections, pools and caches.
  List<String> leaks(Footprint now) {
    var leaks = new ArrayList<String>();
    if (now.threads > threads + 10) {
      leaks.add("threads: %d, before %d".formatted(now.threads, threads));
    }
    if (now.files > files + 20) {
      leaks.add("open files: %d, before %d".formatted(now.files, files));
    }
    if (now.heapMiB > heapMiB + 10 + heapMiB / 5) {
      leaks.add("heap: %d MiB, before %d".formatted(now.heapMiB, heapMiB));
    }
    return leaks;
  }

  Footprint max(Footprint other) {
    return new Footprint(
        Math.max(threads, other.threads),
        Math.max(files, other.files),
        Math.max(heapMiB, other.heapMiB));
  }
}
