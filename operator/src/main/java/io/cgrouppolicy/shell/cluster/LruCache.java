package io.cgrouppolicy.shell.cluster;

import java.util.LinkedHashMap;
import java.util.Map;

/// A map of bounded size that evicts the least recently used entry. Not thread-safe.
public final class LruCache<K, V> extends LinkedHashMap<K, V> {
  private static final long serialVersionUID = 1L;

  private final int maxSize;

  public LruCache(int maxSize) {
    super(16, 0.75f, true);
    this.maxSize = maxSize;
  }

  @Override
  protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
    return size() > maxSize;
  }
}
