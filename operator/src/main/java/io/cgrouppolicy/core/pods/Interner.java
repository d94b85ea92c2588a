package io.cgrouppolicy.core.pods;

import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/// Keeps one shared instance per key, by weak references: an entry goes away with the last user of
/// its instance. The instance must not reference its key. Not thread-safe.
final class Interner<V> {
  private static final class Entry<V> extends WeakReference<V> {
    private final String key;

    Entry(String key, V value, ReferenceQueue<V> gone) {
      super(value, gone);
      this.key = key;
    }
  }

  private final Map<String, Entry<V>> entries = new HashMap<>();
  private final ReferenceQueue<V> gone = new ReferenceQueue<>();

  /// @param make called only if no instance with this key is in use
  V get(String key, Supplier<V> make) {
    forget();
    var entry = entries.get(key);
    var known = entry == null ? null : entry.get();
    if (known != null) {
      return known;
    }
    var made = make.get();
    entries.put(key, new Entry<>(key, made, gone));
    return made;
  }

  int size() {
    forget();
    return entries.size();
  }

  private void forget() {
    for (var reference = gone.poll(); reference != null; reference = gone.poll()) {
      var entry = (Entry<?>) reference;
      // Removes only this entry; the key may have a new one already.
      entries.remove(entry.key, entry);
    }
  }
}
