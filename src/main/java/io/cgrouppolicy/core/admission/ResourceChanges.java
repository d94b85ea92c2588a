package io.cgrouppolicy.core.admission;

import io.cgrouppolicy.core.pods.ContainerShape;
import io.cgrouppolicy.core.pods.PodShape;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;

/// In what the containers of a pod would differ, were it created anew.
///
/// @param texts one for each container that would differ
/// @param replacing whether something that the pod has would be another value, or not be there; if
///     not, it would only get more
record ResourceChanges(List<String> texts, boolean replacing) {
  static final ResourceChanges NONE = new ResourceChanges(List.of(), false);

  boolean isEmpty() {
    return texts.isEmpty();
  }

  /// For people: "the LimitRange would ...".
  @Override
  public String toString() {
    return (replacing ? "set: " : "add: ") + String.join("; ", texts);
  }

  /// @param alternatives what may become of the pod as well; a value that some of them has is as
  ///     right as the one of `to`
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
        texts.add(LimitRanger.subject(before) + " " + String.join(", ", changes));
      }
    }
    return texts.isEmpty() ? NONE : new ResourceChanges(texts, replacing);
  }

  /// @return whether something is replaced
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
        texts.add(prefix + name + "=" + Amount.of(entry.getValue()));
      } else if (!isSame(had, entry.getValue())
          && others.stream().noneMatch(other -> isSame(had, of.apply(other).get(name)))) {
        texts.add(
            prefix + name + "=" + Amount.of(entry.getValue()) + " instead of " + Amount.of(had));
        replacing = true;
      }
    }
    for (var entry : of.apply(before).entrySet()) {
      if (!of.apply(after).containsKey(entry.getKey())) {
        texts.add("no " + prefix + entry.getKey() + " instead of " + Amount.of(entry.getValue()));
        replacing = true;
      }
    }
    return replacing;
  }

  private static boolean isSame(Quantity a, Quantity b) {
    return b != null && Amount.of(a).compareTo(Amount.of(b)) == 0;
  }
}
