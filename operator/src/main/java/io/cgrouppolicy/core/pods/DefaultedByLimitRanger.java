package io.cgrouppolicy.core.pods;

import io.cgrouppolicy.core.pods.ContainerShape.Role;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Reads which resources the LimitRanger admission plugin set on a pod from the annotation that it
/// leaves (`mergePodResourceRequirements` in `plugin/pkg/admission/limitranger`, v1.36):
///
///     LimitRanger plugin set: cpu request for container app; cpu limit for container app
///
/// The annotation has no values. If two LimitRanges set defaults, the annotation of the second
/// replaces that of the first, so that what only the first one set looks as if the user had written
/// it.
final class DefaultedByLimitRanger {
  static final String ANNOTATION = "kubernetes.io/limit-ranger";

  /// Set by the webhook of the Vertical Pod Autoscaler on a pod whose resources it replaced. It
  /// runs after LimitRanger, and again for each new pod.
  private static final String AUTOSCALED = "vpaUpdates";

  /// The most resources to read per container, because Java patterns match repeated groups by
  /// recursion.
  private static final int MAX_RESOURCES = 100;

  private static final String START = "LimitRanger plugin set: ";
  private static final Pattern ENTRY =
      Pattern.compile(
          "(?<resources>[^ ,;]+(, [^ ,;]+){0,"
              + MAX_RESOURCES
              + "}) (?<kind>request|limit) for"
              + " (?<role>container|init container) (?<name>[^ ,;]+)");

  private DefaultedByLimitRanger() {}

  /// The annotation, or null if it is absent or no longer describes the pod: after an in-place
  /// resize or an update by the Vertical Pod Autoscaler, the resources are a deliberate choice.
  /// Which of them changed is not recorded, so the whole annotation is ignored.
  static String text(ObjectMeta metadata) {
    var annotations = metadata.getAnnotations();
    if (annotations == null || annotations.containsKey(AUTOSCALED)) {
      return null;
    }
    var text = annotations.get(ANNOTATION);
    return text == null || isResized(metadata) ? null : text;
  }

  private static boolean isResized(ObjectMeta metadata) {
    return metadata.getManagedFields() != null
        && metadata.getManagedFields().stream()
            .anyMatch(writer -> "resize".equals(writer.getSubresource()));
  }

  /// Returns the containers of a pod without what LimitRanger set.
  ///
  /// @param text the result of [#text]
  /// @param containers the containers as they are in the pod
  /// @return empty if LimitRanger set nothing, or if it would not have left this text on a pod with
  ///     these containers (anyone can write an annotation)
  static List<ContainerShape> withoutDefaults(String text, List<ContainerShape> containers) {
    if (text == null || !text.startsWith(START)) {
      return List.of();
    }
    var requests = new HashMap<String, Map<String, Quantity>>();
    var limits = new HashMap<String, Map<String, Quantity>>();
    for (var container : containers) {
      requests.put(container.name(), new TreeMap<>(container.requests()));
      limits.put(container.name(), new TreeMap<>(container.limits()));
    }
    var roles =
        containers.stream()
            .collect(Collectors.toMap(ContainerShape::name, ContainerShape::role, (a, b) -> a));
    var given = new HashMap<String, Quantity>();
    var seen = new HashSet<String>();
    for (var part : text.substring(START.length()).split("; ", -1)) {
      var entry = ENTRY.matcher(part);
      if (!entry.matches()
          || !named(roles.get(entry.group("name"))).equals(entry.group("role"))
          || !seen.add(entry.group("kind") + " " + entry.group("name"))) {
        return List.of();
      }
      var of = (entry.group("kind").equals("limit") ? limits : requests).get(entry.group("name"));
      for (var resource : entry.group("resources").split(", ")) {
        var value = of.remove(resource);
        var first = given.putIfAbsent(entry.group("kind") + " " + resource, value);
        // All containers get the same default; different values mean that someone edited the
        // annotation.
        if (value == null || first != null && !first.equals(value)) {
          return List.of();
        }
      }
    }
    return containers.stream()
        .map(
            c ->
                new ContainerShape(
                    c.name(), c.role(), requests.get(c.name()), limits.get(c.name())))
        .toList();
  }

  private static String named(Role role) {
    return switch (role) {
      case MAIN -> "container";
      case INIT, SIDECAR -> "init container";
      case EPHEMERAL -> "";
      case null -> "";
    };
  }
}
