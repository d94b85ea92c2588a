package io.cgrouppolicy.shell.cluster;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/// What the operator knows of each object of a kind: one record per object, by name. Admits a
// record
/// only for an object that exists, so a record that is made while its object goes away cannot stay
/// behind. Rebuilt at start.
///
/// @param <R> the record; immutable
public final class ObjectStore<R> {
  private final Map<String, R> records = new ConcurrentHashMap<>();
  private final R none;
  private final Predicate<String> exists;
  private final BiConsumer<R, R> changed;

  /// @param none the record of an object of which nothing is known
  /// @param exists whether there is an object of this name, as the watch has it
  /// @param changed receives each record before and after a change; must not block
  public ObjectStore(R none, Predicate<String> exists, BiConsumer<R, R> changed) {
    this.none = none;
    this.exists = exists;
    this.changed = changed;
  }

  public R get(String name) {
    return records.getOrDefault(name, none);
  }

  /// Changes the record of an object, unless the object is gone.
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

  /// Drops the record of an object that is gone. Called after the watch has dropped the object.
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
