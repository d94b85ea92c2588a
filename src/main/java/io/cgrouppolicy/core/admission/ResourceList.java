package io.cgrouppolicy.core.admission;

import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Amounts by the name of their resource, sorted. That a resource is there with zero and that it is
/// not there are different things to the API server.
public final class ResourceList {
  private final TreeMap<String, Amount> amounts = new TreeMap<>();

  ResourceList() {}

  static ResourceList of(Map<String, Quantity> quantities) {
    var list = new ResourceList();
    quantities.forEach((name, quantity) -> list.amounts.put(name, Amount.of(quantity)));
    return list;
  }

  public Set<String> names() {
    return amounts.keySet();
  }

  /// Null where it is not there.
  public Amount get(String name) {
    return amounts.get(name);
  }

  Amount getOrZero(String name) {
    return amounts.getOrDefault(name, Amount.ZERO);
  }

  void put(String name, Amount amount) {
    amounts.put(name, amount);
  }

  void add(ResourceList other) {
    other.amounts.forEach((name, amount) -> amounts.merge(name, amount, Amount::plus));
  }

  /// The greater of both for each resource; of equal ones, ours.
  void max(ResourceList other) {
    other.amounts.forEach(
        (name, amount) ->
            amounts.merge(name, amount, (ours, its) -> its.compareTo(ours) > 0 ? its : ours));
  }

  /// Less another one, in all resources of ours.
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

  /// What is left of it of these names.
  ResourceList only(Collection<String> names) {
    var masked = new ResourceList();
    masked.amounts.putAll(amounts);
    masked.amounts.keySet().retainAll(names);
    return masked;
  }

  ResourceList withoutZeros() {
    var rest = new ResourceList();
    rest.amounts.putAll(amounts);
    rest.amounts.values().removeIf(Amount::isZero);
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

  /// As the quota's messages have it: `limits.memory=1Gi,pods=3`.
  @Override
  public String toString() {
    return amounts.entrySet().stream()
        .map(e -> e.getKey() + "=" + e.getValue())
        .collect(Collectors.joining(","));
  }
}
