package io.cgrouppolicy.core.admission;

import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Quantities by resource name, sorted. The API server distinguishes a resource with value zero
/// from an absent one.
public final class ResourceList {
  private final TreeMap<String, CanonicalQuantity> amounts = new TreeMap<>();

  ResourceList() {}

  public static ResourceList of(Map<String, Quantity> quantities) {
    var list = new ResourceList();
    quantities.forEach((name, quantity) -> list.amounts.put(name, CanonicalQuantity.of(quantity)));
    return list;
  }

  public Set<String> names() {
    return amounts.keySet();
  }

  /// Returns null if absent.
  public CanonicalQuantity get(String name) {
    return amounts.get(name);
  }

  CanonicalQuantity getOrZero(String name) {
    return amounts.getOrDefault(name, CanonicalQuantity.ZERO);
  }

  void put(String name, CanonicalQuantity amount) {
    amounts.put(name, amount);
  }

  void add(ResourceList other) {
    other.amounts.forEach((name, amount) -> amounts.merge(name, amount, CanonicalQuantity::plus));
  }

  /// Keeps the greater value of each resource, or this list's value if both are equal.
  void max(ResourceList other) {
    other.amounts.forEach(
        (name, amount) ->
            amounts.merge(name, amount, (ours, its) -> its.compareTo(ours) > 0 ? its : ours));
  }

  /// Subtracts another list from the resources of this one.
  ResourceList minus(ResourceList other) {
    var difference = new ResourceList();
    amounts.forEach((name, amount) -> difference.put(name, amount.minus(other.getOrZero(name))));
    return difference;
  }

  ResourceList times(int count) {
    var product = new ResourceList();
    amounts.forEach((name, amount) -> product.put(name, amount.times(count)));
    return product;
  }

  /// Returns the entries with these names.
  ResourceList only(Collection<String> names) {
    var masked = new ResourceList();
    masked.amounts.putAll(amounts);
    masked.amounts.keySet().retainAll(names);
    return masked;
  }

  ResourceList withoutZeros() {
    var rest = new ResourceList();
    rest.amounts.putAll(amounts);
    rest.amounts.values().removeIf(CanonicalQuantity::isZero);
    return rest;
  }

  boolean isEmpty() {
    return amounts.isEmpty();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ResourceList list
        && amounts.keySet().equals(list.amounts.keySet())
        && amounts.entrySet().stream()
            .allMatch(e -> e.getValue().compareTo(list.amounts.get(e.getKey())) == 0);
  }

  @Override
  public int hashCode() {
    return amounts.keySet().hashCode();
  }

  /// Formats the list like the quota's error texts: `limits.memory=1Gi,pods=3`.
  @Override
  public String toString() {
    return amounts.entrySet().stream()
        .map(e -> e.getKey() + "=" + e.getValue())
        .collect(Collectors.joining(","));
  }
}
