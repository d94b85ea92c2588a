package io.cgrouppolicy.telemetry.endpoint;

import io.vertx.core.buffer.Buffer;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/// A page that takes time and memory to write: one thread at a time writes it, and the others get
/// the same page until it is too old. Failures are not kept.
final class CachedPage {
  private final ReportSource source;
  private final Consumer<Runnable> whenTooOld;
  private final ReentrantLock writing = new ReentrantLock();
  private volatile Buffer page;

  /// @param whenTooOld runs an action when a page that is written now is too old
  CachedPage(ReportSource source, Consumer<Runnable> whenTooOld) {
    this.source = source;
    this.whenTooOld = whenTooOld;
  }

  /// May block.
  Optional<Buffer> get() {
    var known = page;
    if (known != null) {
      return Optional.of(known);
    }
    writing.lock();
    try {
      known = page; // another thread may have written it meanwhile
      if (known != null) {
        return Optional.of(known);
      }
      var written = source.html().map(Buffer::buffer);
      if (written.isPresent()) {
        page = written.get();
        whenTooOld.accept(() -> page = null); // also frees its memory
      }
      return written;
    } finally {
      writing.unlock();
    }
  }
}
