package io.cgrouppolicy.core.pods;

import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/// One instance for all that is the same, by a text that says all of it. What nobody holds any more
/// is forgotten: an entry goes with the instance. The instance must not hold on to the key.
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

  /// @param make called only where the key is not known
  synchronized V get(String key, Supplier<V> make) {
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

  synchronized int size() {
    forget();
    return entries.size();
  }

  private void forget() {
    for (var reference = gone.poll(); reference != null; reference = gone.poll()) {
      var entry = (Entry<?>) reference;
      // Only this very entry: the key may have got a new one since.
      entries.remove(entry.key, entry);
    }
  }
}
