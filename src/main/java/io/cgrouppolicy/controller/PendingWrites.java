package io.cgrouppolicy.controller;

import io.cgrouppolicy.limits.Child;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Our own writes until the watch has shown them. Without this, an event between a write and its
/// echo would find the old object in the cache and write again.
public final class PendingWrites {
  private record Key(Child child, String namespace) {}

  private record Pending(HasMetadata object, long version) {}

  private final Map<Key, Pending> pending = new ConcurrentHashMap<>();

  /// The newest version that the watch has shown, deletions included.
  private final Map<Key, Long> seen = new ConcurrentHashMap<>();

  /// Notes a write.
  ///
  /// @param object the object as it now is, or null when it was deleted
  public void wrote(Child child, String namespace, HasMetadata object, String resourceVersion) {
    var key = new Key(child, namespace);
    long version = number(resourceVersion);
    pending.put(key, new Pending(object, version));
    if (seen.getOrDefault(key, 0L) >= version) {
      pending.remove(key); // the echo was faster than the answer
    }
  }

  void seen(Child child, HasMetadata object, boolean stateUnknown) {
    if (!object.getMetadata().getName().equals(Child.NAME)) {
      return;
    }
    var key = new Key(child, object.getMetadata().getNamespace());
    long version = number(object.getMetadata().getResourceVersion());
    seen.merge(key, version, Math::max);
    pending.computeIfPresent(
        key, (k, write) -> stateUnknown || version >= write.version() ? null : write);
  }

  HasMetadata latest(Child child, String namespace, HasMetadata cached) {
    var write = pending.get(new Key(child, namespace));
    return write == null ? cached : write.object();
  }

  /// Forgets a namespace that is gone.
  public void forget(String namespace) {
    for (var child : Child.values()) {
      pending.remove(new Key(child, namespace));
      seen.remove(new Key(child, namespace));
    }
  }

  /// Resource versions are comparable numbers (KEP-5504, Kubernetes 1.35).
  private static long number(String resourceVersion) {
    try {
      return Long.parseLong(resourceVersion);
    } catch (NumberFormatException e) {
      return 0; // an aggregated server with other versions: then every event settles the write
    }
  }
}
