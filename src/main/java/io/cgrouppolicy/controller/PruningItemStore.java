package io.cgrouppolicy.controller;

import io.cgrouppolicy.limits.Child;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntryBuilder;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/// Keeps what the decisions need and drops the rest: annotations, a quota's status, and of the
/// managed fields all but the fact that we are among the managers. Half of an object or more.
public class PruningItemStore<T extends HasMetadata> implements ItemStore<T> {
  private static final List<ManagedFieldsEntry> OURS =
      List.of(
          new ManagedFieldsEntryBuilder()
              .withManager(Child.MANAGER)
              .withOperation("Apply")
              .build());

  private final ConcurrentHashMap<String, T> items = new ConcurrentHashMap<>();

  @Override
  public String getKey(T object) {
    return Cache.metaNamespaceKeyFunc(object);
  }

  @Override
  public T put(String key, T object) {
    var before = items.get(key);
    prune(object, before != null && sameObject(before, object) && Child.isOurs(before));
    return items.put(key, object);
  }

  private static boolean sameObject(HasMetadata before, HasMetadata after) {
    return Objects.equals(before.getMetadata().getUid(), after.getMetadata().getUid());
  }

  /// @param wasOurs whether this object was known as ours, which it stays: somebody who strips all
  ///     our marks and takes over all fields leaves no trace of us on it
  private static void prune(HasMetadata object, boolean wasOurs) {
    var metadata = object.getMetadata();
    metadata.setAnnotations(null);
    boolean ours = wasOurs || Child.isManaged(object);
    metadata.setManagedFields(ours ? OURS : List.of());
    if (object instanceof ResourceQuota quota) {
      quota.setStatus(null);
    }
  }

  @Override
  public T remove(String key) {
    return items.remove(key);
  }

  @Override
  public Stream<String> keySet() {
    return items.keySet().stream();
  }

  @Override
  public Stream<T> values() {
    return items.values().stream();
  }

  @Override
  public int size() {
    return items.size();
  }

  @Override
  public T get(String key) {
    return items.get(key);
  }

  @Override
  public boolean isFullState() {
    return false;
  }
}
