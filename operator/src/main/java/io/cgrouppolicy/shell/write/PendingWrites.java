package io.cgrouppolicy.shell.write;

import io.cgrouppolicy.core.limits.Child;
import io.cgrouppolicy.shell.write.ObjectWriter.Written;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Stream;

/// Our own writes until the watch has shown them. Without this, an event between a write and its
/// echo would find the old object in the cache and write again.
public final class PendingWrites {
  /// @param object without uid and version, shared by all namespaces; null after a deletion
  /// @param version zero after a deletion, whose answer has none
  /// @param shown whether the watch has caught up with the write, so that only its echo is awaited
  private record Pending(HasMetadata object, String uid, long version, boolean shown) {
    /// With uid and version, which a deletion needs.
    HasMetadata identified() {
      var metadata =
          new ObjectMetaBuilder(object.getMetadata())
              .withUid(uid)
              .withResourceVersion(Long.toString(version))
              .build();
      return object instanceof LimitRange limitRange
          ? new LimitRange("v1", "LimitRange", metadata, limitRange.getSpec())
          : new ResourceQuota(
              "v1", "ResourceQuota", metadata, ((ResourceQuota) object).getSpec(), null);
    }
  }

  /// By [#key], sorted, so that the writes in a namespace are found without a search.
  private final ConcurrentNavigableMap<String, Pending> pending = new ConcurrentSkipListMap<>();

  private final Set<String> inFlight = ConcurrentHashMap.newKeySet();

  /// Records that a write is about to be sent.
  public void writing(Child child, String namespace) {
    inFlight.add(key(child, namespace));
  }

  /// Records that a write has ended, successfully or not.
  public void ended(Child child, String namespace) {
    inFlight.remove(key(child, namespace));
  }

  /// Whether an event is the echo of our own write. During a write, every event on the object
  /// counts as one, because the writer checks the object again when it has its answer. Afterwards,
  /// the event must have the written version and content: admission may have changed the content.
  public boolean isEcho(Child child, HasMetadata shown) {
    var metadata = shown.getMetadata();
    var key = key(child, metadata.getNamespace());
    var write = pending.get(key);
    if (write != null
        && write.version() > 0
        && number(metadata.getResourceVersion()) == write.version()) {
      pending.remove(key, write); // the watch has caught up
      return Child.sameSpec(write.object(), shown);
    }
    return inFlight.contains(key);
  }

  /// Records a write that succeeded.
  ///
  /// @param object the object as it now is
  public void wrote(Child child, String namespace, HasMetadata object, Written written) {
    long version = number(written.resourceVersion());
    pending.put(key(child, namespace), new Pending(object, written.uid(), version, false));
  }

  /// Records a deletion that succeeded.
  public void deleted(Child child, String namespace, String uid) {
    pending.put(key(child, namespace), new Pending(null, uid, 0, false));
  }

  /// The latest known object: our last write, or the cached object once the watch has caught up
  /// with that write. This compares versions instead of waiting for the echo: an object that was
  /// deleted while the watch was down has no echo. After a deletion, this is nothing until the
  /// cache no longer has the object with that uid.
  ///
  /// @param shownUpTo the resource version that the watch had reached before `cached` was read
  public HasMetadata latest(Child child, String namespace, HasMetadata cached, String shownUpTo) {
    var key = key(child, namespace);
    var write = pending.get(key);
    if (write == null || write.shown()) {
      return cached;
    }
    if (write.object() == null) {
      if (cached != null && write.uid().equals(cached.getMetadata().getUid())) {
        return null;
      }
      pending.remove(key, write);
      return cached;
    }
    if (number(shownUpTo) >= write.version()) {
      pending.replace(key, write, new Pending(write.object(), write.uid(), write.version(), true));
      return cached;
    }
    return write.identified();
  }

  /// Forgets a namespace that is gone.
  public void forget(String namespace) {
    startingWith(namespace + "/").clear();
  }

  /// The names of the objects with writes that the watch may not have shown yet.
  public Stream<String> names(Child.Kind kind, String namespace) {
    var prefix = key(new Child(kind, ""), namespace);
    return startingWith(prefix).keySet().stream().map(key -> key.substring(prefix.length()));
  }

  private static String key(Child child, String namespace) {
    return namespace + "/" + child.plural() + "/" + child.name();
  }

  private Map<String, Pending> startingWith(String prefix) {
    return pending.subMap(prefix, prefix + Character.MAX_VALUE);
  }

  /// Resource versions are comparable numbers (KEP-5504, Kubernetes 1.35).
  private static long number(String resourceVersion) {
    try {
      return Long.parseLong(resourceVersion);
    } catch (NumberFormatException e) {
      return 0; // an aggregated server with other versions: the cache is always right
    }
  }
}
