package io.cgrouppolicy.core.admission;

import io.cgrouppolicy.core.pods.ContainerShape;
import io.cgrouppolicy.core.pods.PodShape;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;

/// The differences between a pod's containers and those of its replacement.
///
/// @param texts one for each container that would differ
/// @param replacing whether a value would change or go away; false if the pod only gets additional
///     values
record ResourceChanges(List<String> texts, boolean replacing) {
  static final ResourceChanges NONE = new ResourceChanges(List.of(), false);

  boolean isEmpty() {
    return texts.isEmpty();
  }

  /// Formats the changes to complete "the LimitRange would ...".
  @Override
  public String toString() {
    return (replacing ? "set: " : "add: ") + String.join("; ", texts);
  }

  /// @param alternatives other possible results for the pod; a value that one of them has does not
  ///     count as a difference
  static ResourceChanges of(PodShape from, PodShape to, List<PodShape> alternatives) {
    var texts = new ArrayList<String>();
    boolean replacing = false;
    for (int i = 0; i < from.containers().size(); i++) {
      int index = i;
      var before = from.containers().get(i);
      var after = to.containers().get(i);
      var others = alternatives.stream().map(pod -> pod.containers().get(index)).toList();
      var changes = new TreeSet<String>();
      replacing |= changes("limits.", before, after, others, ContainerShape::limits, changes);
      replacing |= changes("requests.", before, after, others, ContainerShape::requests, changes);
      if (!changes.isEmpty()) {
        texts.add(Rejection.subject(before) + " " + String.join(", ", changes));
      }
    }
    return texts.isEmpty() ? NONE : new ResourceChanges(texts, replacing);
  }

  /// @return whether a value changes or goes away
  private static boolean changes(
      String prefix,
      ContainerShape before,
      ContainerShape after,
      List<ContainerShape> others,
      Function<ContainerShape, Map<String, Quantity>> of,
      TreeSet<String> texts) {
    boolean replacing = false;
    for (var entry : of.apply(after).entrySet()) {
      var name = entry.getKey();
      var had = of.apply(before).get(name);
      if (had == null) {
        texts.add(prefix + name + "=" + CanonicalQuantity.of(entry.getValue()));
      } else if (!isSame(had, entry.getValue())
          && others.stream().noneMatch(other -> isSame(had, of.apply(other).get(name)))) {
        texts.add(
            prefix
                + name
                + "="
                + CanonicalQuantity.of(entry.getValue())
                + " instead of "
                + CanonicalQuantity.of(had));
        replacing = true;
      }
    }
    for (var entry : of.apply(before).entrySet()) {
      if (!of.apply(after).containsKey(entry.getKey())) {
        texts.add(
            "no "
                + prefix
                + entry.getKey()
                + " instead of "
                + CanonicalQuantity.of(entry.getValue()));
        replacing = true;
      }
    }
    return replacing;
  }

  private static boolean isSame(Quantity a, Quantity b) {
    return b != null && CanonicalQuantity.of(a).compareTo(CanonicalQuantity.of(b)) == 0;
  }
}
