package io.cgrouppolicy.shell.cluster;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// An informer's store that keeps only facts of each object, by namespace and name. When the
/// informer reads an object, the store builds one with just its name.
final class FactStore<T extends HasMetadata, F> implements ItemStore<T> {
  private final ConcurrentNavigableMap<String, F> facts = new ConcurrentSkipListMap<>();
  private final Supplier<T> empty;
  private final Function<T, F> read;
  private final Consumer<String> changed;

  /// @param empty creates an object without metadata
  /// @param read extracts the facts; null drops the object
  /// @param changed receives the namespace of an object whose facts changed; must not block
  FactStore(Supplier<T> empty, Function<T, F> read, Consumer<String> changed) {
    this.empty = empty;
    this.read = read;
    this.changed = changed;
  }

  List<F> inNamespace(String namespace) {
    return List.copyOf(
        facts.subMap(namespace + "/", namespace + "/" + Character.MAX_VALUE).values());
  }

  @Override
  public String getKey(T object) {
    return Cache.metaNamespaceKeyFunc(object);
  }

  @Override
  public T put(String key, T object) {
    var after = read.apply(object);
    return replaced(key, after == null ? facts.remove(key) : facts.put(key, after), after);
  }

  @Override
  public T remove(String key) {
    return replaced(key, facts.remove(key), null);
  }

  private T replaced(String key, F before, F after) {
    if (!Objects.equals(before, after)) {
      changed.accept(key.substring(0, key.indexOf('/')));
    }
    return before == null ? null : named(key);
  }

  private T named(String key) {
    int slash = key.indexOf('/');
    var object = empty.get();
    object.setMetadata(
        new ObjectMetaBuilder()
            .withNamespace(key.substring(0, slash))
            .withName(key.substring(slash + 1))
            .build());
    return object;
  }

  @Override
  public Stream<String> keySet() {
    return facts.keySet().stream();
  }

  @Override
  public Stream<T> values() {
    return facts.keySet().stream().map(this::named);
  }

  @Override
  public int size() {
    return facts.size();
  }

  @Override
  public T get(String key) {
    return facts.containsKey(key) ? named(key) : null;
  }

  @Override
  public boolean isFullState() {
    return false;
  }
}
