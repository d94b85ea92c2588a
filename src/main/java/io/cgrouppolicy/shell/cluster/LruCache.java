package io.cgrouppolicy.shell.cluster;

import java.util.LinkedHashMap;
import java.util.Map;

/// A map of bounded size: what was not asked for the longest time goes first. For one thread at a
/// time.
public final class LruCache<K, V> extends LinkedHashMap<K, V> {
  private static final long serialVersionUID = 1L;

  private final int most;

  public LruCache(int most) {
    super(16, 0.75f, true);
    this.most = most;
  }

  @Override
  protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
    return size() > most;
  }
}
