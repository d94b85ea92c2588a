package io.cgrouppolicy.shell.cluster;

import java.util.Collections;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/// Holds in memory one record per object of a kind, by name. Accepts a record only if its object
/// exists, so an update that races with a deletion leaves no stale record. It starts empty.
///
/// @param <R> the record; immutable
public final class ObjectStore<R> {
  private final Map<String, R> records = new ConcurrentHashMap<>();
  private final R none;
  private final Predicate<String> exists;
  private final Listener<R> listener;

  @FunctionalInterface
  public interface Listener<R> {
    /// Must not block.
    void changed(String name, R before, R after);
  }

  /// @param none the record of an object without a stored one
  /// @param exists whether the watch shows an object of this name
  public ObjectStore(R none, Predicate<String> exists, Listener<R> listener) {
    this.none = none;
    this.exists = exists;
    this.listener = listener;
  }

  public R get(String name) {
    return records.getOrDefault(name, none);
  }

  /// Changes the record of an object. Drops it if the object no longer exists.
  public void update(String name, UnaryOperator<R> change) {
    var before = new AtomicReference<>(none);
    var after =
        records.compute(
            name,
            (n, stored) -> {
              before.set(stored == null ? none : stored);
              return exists.test(n) ? change.apply(before.get()) : null;
            });
    listener.changed(name, before.get(), after == null ? none : after);
  }

  /// Drops the record of a deleted object. Call after the watch has dropped the object.
  public void remove(String name) {
    var before = records.remove(name);
    if (before != null) {
      listener.changed(name, before, none);
    }
  }

  /// A live view of all records, by name.
  public Map<String, R> all() {
    return Collections.unmodifiableMap(records);
  }
}
