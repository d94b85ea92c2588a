package io.cgrouppolicy.shell.cluster;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
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
  private final BiConsumer<R, R> changed;

  /// @param none the record of an object without a stored one
  /// @param exists whether the watch shows an object of this name
  /// @param changed receives each record before and after a change; must not block
  public ObjectStore(R none, Predicate<String> exists, BiConsumer<R, R> changed) {
    this.none = none;
    this.exists = exists;
    this.changed = changed;
  }

  public R get(String name) {
    return records.getOrDefault(name, none);
  }

  /// Changes the record of an object. Drops it if the object no longer exists.
  public void update(String name, UnaryOperator<R> change) {
    var replaced = new Object[] {none, none};
    records.compute(
        name,
        (n, stored) -> {
          var before = stored == null ? none : stored;
          var after = exists.test(n) ? change.apply(before) : none;
          replaced[0] = before;
          replaced[1] = after;
          return after == none ? null : after;
        });
    changed(replaced[0], replaced[1]);
  }

  /// Drops the record of a deleted object. Call after the watch has dropped the object.
  public void remove(String name) {
    var before = records.remove(name);
    if (before != null) {
      changed(before, none);
    }
  }

  @SuppressWarnings("unchecked")
  private void changed(Object before, Object after) {
    changed.accept((R) before, (R) after);
  }

  /// A live view of all records, by name.
  public Map<String, R> all() {
    return java.util.Collections.unmodifiableMap(records);
  }
}
