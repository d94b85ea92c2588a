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

/// Which resources of a pod the admission plugin LimitRanger set, as it tells in an annotation
/// (`mergePodResourceRequirements` of `plugin/pkg/admission/limitranger`, v1.36):
///
///     LimitRanger plugin set: cpu request for container app; cpu limit for container app
///
/// It names no values. Where two LimitRanges give defaults, the second one's text replaces the
/// first one's; what only the first one set then looks as if it had been written.
final class DefaultedByLimitRanger {
  static final String ANNOTATION = "kubernetes.io/limit-ranger";

  /// What the vertical pod autoscaler's webhook puts on a pod whose resources it has replaced. It
  /// does so after LimitRanger, and for each new pod again.
  private static final String AUTOSCALED = "vpaUpdates";

  /// How many resources are read of a container, as Java's patterns repeat groups by recursion.
  private static final int MOST = 100;

  private static final String START = "LimitRanger plugin set: ";
  private static final Pattern ENTRY =
      Pattern.compile(
          "(?<resources>[^ ,;]+(, [^ ,;]+){0,"
              + MOST
              + "}) (?<kind>request|limit) for"
              + " (?<role>container|init container) (?<name>[^ ,;]+)");

  private DefaultedByLimitRanger() {}

  /// The annotation, or null where it is not there or no longer says where the pod's resources are
  /// from: once a pod was resized in place, or the vertical autoscaler has set them, somebody has
  /// chosen what it has. Which resources that were cannot be told, so that it counts for all.
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

  /// The containers of a pod without what LimitRanger set.
  ///
  /// @param text as [#text] has it
  /// @param containers what the pod has
  /// @return empty where nothing was set; and where the text is not one that LimitRanger would have
  ///     left on a pod with these containers, as anybody may write an annotation
  static List<ContainerShape> takenBack(String text, List<ContainerShape> containers) {
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
        // All containers get the same default: else somebody has changed it.
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
