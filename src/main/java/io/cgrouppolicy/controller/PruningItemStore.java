package io.cgrouppolicy.controller;

import io.cgrouppolicy.limits.Child;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/// Keeps what the decisions need and drops the rest: annotations, a quota's status, and of the
/// managed fields all but the fact that we are among the managers. Half of an object or more.
public class PruningItemStore<T extends HasMetadata> implements ItemStore<T> {
  private final ConcurrentHashMap<String, T> items = new ConcurrentHashMap<>();

  @Override
  public String getKey(T object) {
    return Cache.metaNamespaceKeyFunc(object);
  }

  @Override
  public T put(String key, T object) {
    prune(object);
    return items.put(key, object);
  }

  private static void prune(HasMetadata object) {
    var metadata = object.getMetadata();
    metadata.setAnnotations(null);
    var ours =
        metadata.getManagedFields().stream()
            .filter(f -> Child.MANAGER.equals(f.getManager()) && "Apply".equals(f.getOperation()))
            .findFirst();
    ours.ifPresent(
        fields -> {
          fields.setFieldsV1(null);
          fields.setTime(null);
        });
    metadata.setManagedFields(ours.map(List::of).orElse(List.of()));
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
