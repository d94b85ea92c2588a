package io.cgrouppolicy.core.limits;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/// The annotations by which our objects explain themselves to the owner of a namespace, who may not
/// read policies.
///
/// They are the same in all namespaces, except for one command with the namespace's name. In memory
/// this command has a placeholder, so that 10,000 namespaces share one map and one body.
public final class Annotations {
  public static final String DESCRIPTION = "cgroup-policy.io/description";
  public static final String CONTACT = "cgroup-policy.io/contact";
  public static final String DOCUMENTATION = "cgroup-policy.io/documentation";
  public static final String LIST_REJECTIONS = "cgroup-policy.io/list-rejections";

  private static final List<String> KEYS =
      List.of(CONTACT, DESCRIPTION, DOCUMENTATION, LIST_REJECTIONS);

  /// Not the name of a namespace, because of its capitals.
  private static final String COMMAND = command("NAMESPACE");

  private Annotations() {}

  /// @param contact or null
  /// @param documentation or null
  public static Map<String, String> of(String policy, String contact, String documentation) {
    var annotations = new TreeMap<String, String>();
    annotations.put(
        DESCRIPTION,
        "Limits of CgroupPolicy "
            + policy
            + " for this namespace. While the policy enforces them, "
            + Child.MANAGER
            + " reverts changes to this object. Ask the contact or a cluster administrator to change"
            + " them.");
    annotations.put(LIST_REJECTIONS, COMMAND);
    if (contact != null) {
      annotations.put(CONTACT, contact);
    }
    if (documentation != null) {
      annotations.put(DOCUMENTATION, documentation);
    }
    return annotations;
  }

  private static String command(String namespace) {
    return "kubectl get events -n "
        + namespace
        + " --field-selector reportingComponent=cgroup-policy.io/operator";
  }

  /// Puts the namespace into the JSON of an object with these annotations.
  public static String fillIn(String json, String namespace) {
    var before = '"' + LIST_REJECTIONS + "\":\"";
    return json.replace(before + COMMAND + '"', before + command(namespace) + '"');
  }

  /// Our annotations of a stored object, with the placeholder in the command; null if it has none.
  public static Map<String, String> kept(HasMetadata stored) {
    var annotations = stored.getMetadata().getAnnotations();
    if (annotations == null) {
      return null;
    }
    var kept = new TreeMap<>(annotations);
    kept.keySet().retainAll(KEYS);
    var command = command(stored.getMetadata().getNamespace());
    kept.computeIfPresent(
        LIST_REJECTIONS, (key, value) -> value.equals(command) ? COMMAND : "another command");
    return kept.isEmpty() ? null : Map.copyOf(kept);
  }

  /// The differences of a stored object; ignores the annotations of other writers.
  public static List<Difference> differences(HasMetadata stored, Map<String, String> desired) {
    var differences = new ArrayList<Difference>();
    var found = found(stored);
    for (var key : KEYS) {
      var expected = desired.getOrDefault(key, "unset");
      var actual = found.getOrDefault(key, "unset");
      if (!expected.equals(actual)) {
        differences.add(new Difference("metadata.annotations[" + key + "]", expected, actual));
      }
    }
    return differences;
  }

  /// Our annotations that the stored object should no longer have.
  public static List<String> surplus(HasMetadata stored, Map<String, String> desired) {
    var surplus = new TreeSet<>(found(stored).keySet());
    surplus.retainAll(KEYS);
    surplus.removeAll(desired.keySet());
    return List.copyOf(surplus);
  }

  private static Map<String, String> found(HasMetadata stored) {
    var annotations = stored.getMetadata().getAnnotations();
    return annotations == null ? Map.of() : annotations;
  }
}
