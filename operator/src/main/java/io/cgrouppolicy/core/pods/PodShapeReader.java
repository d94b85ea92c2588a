package io.cgrouppolicy.core.pods;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.cgrouppolicy.core.check.Sha256;
import io.cgrouppolicy.core.pods.ContainerShape.Role;
import io.fabric8.kubernetes.api.model.PodAffinityTerm;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/// Reads the shapes of pods, and shares one instance between equal pods. Pods are compared by a
/// digest of the fields that matter, because comparing quantities by value costs a hundred times as
/// much; "1Gi" and "1024Mi" give two shapes, which only costs memory.
///
/// The maps of a shape are sorted by name, so that messages list resources in a stable order.
final class PodShapeReader {
  /// Separates fields; cannot occur in a name or a quantity.
  private static final char END = '\n';

  private final Cache<String, PodShape> shapes = shared();
  private final Cache<String, Map<String, Quantity>> resources = shared();
  private final Cache<String, Quantity> quantities = shared();

  /// Keeps one instance per key until its last user is gone.
  static <V> Cache<String, V> shared() {
    return Caffeine.newBuilder().weakValues().build();
  }

  private record Declared(String name, Role role, ResourceRequirements resources) {}

  /// @param defaulted the pod's [DefaultedByLimitRanger#text], or null
  PodShape of(PodSpec spec, String defaulted) {
    var declared = declared(spec);
    var key = new StringBuilder(256);
    declared.forEach(container -> append(key, container));
    append(key, requests(spec.getResources()));
    append(key, limits(spec.getResources()));
    append(key, spec.getOverhead());
    var priorityClass = text(spec.getPriorityClassName());
    int priority = spec.getPriority() == null ? 0 : spec.getPriority();
    // IsTerminating of pkg/quota/v1/evaluator/core, v1.36.
    boolean deadline =
        spec.getActiveDeadlineSeconds() != null && spec.getActiveDeadlineSeconds() >= 0;
    boolean affinity = crossNamespaceAffinity(spec);
    key.append(priorityClass).append(END).append(priority).append(END);
    key.append(deadline).append(affinity);
    if (defaulted != null) {
      key.append(END).append(defaulted);
    }
    return shapes.get(
        digest(key.toString()),
        digest -> {
          var containers = declared.stream().map(this::container).toList();
          var written = DefaultedByLimitRanger.withoutDefaults(defaulted, containers);
          return new PodShape(
              containers,
              resources(requests(spec.getResources())),
              resources(limits(spec.getResources())),
              resources(spec.getOverhead()),
              priorityClass,
              priority,
              deadline,
              affinity,
              written.stream().map(this::shared).toList());
        });
  }

  /// The number of distinct shapes in use.
  int size() {
    shapes.cleanUp();
    return Math.toIntExact(shapes.estimatedSize());
  }

  private static List<Declared> declared(PodSpec spec) {
    var all = new ArrayList<Declared>();
    for (var container : listed(spec.getInitContainers())) {
      // Other restart policies are possible for init containers; only this one makes a sidecar.
      var role = "Always".equals(container.getRestartPolicy()) ? Role.SIDECAR : Role.INIT;
      all.add(new Declared(container.getName(), role, container.getResources()));
    }
    for (var container : listed(spec.getContainers())) {
      all.add(new Declared(container.getName(), Role.MAIN, container.getResources()));
    }
    for (var container : listed(spec.getEphemeralContainers())) {
      all.add(new Declared(container.getName(), Role.EPHEMERAL, container.getResources()));
    }
    return all;
  }

  private ContainerShape container(Declared declared) {
    return new ContainerShape(
        text(declared.name()),
        declared.role(),
        resources(requests(declared.resources())),
        resources(limits(declared.resources())));
  }

  private ContainerShape shared(ContainerShape container) {
    return new ContainerShape(
        container.name(),
        container.role(),
        resources(container.requests()),
        resources(container.limits()));
  }

  private Map<String, Quantity> resources(Map<String, Quantity> map) {
    if (map == null || map.isEmpty()) {
      return Map.of();
    }
    var key = new StringBuilder();
    append(key, map);
    return resources.get(
        key.toString(),
        unused -> {
          var copy = new TreeMap<String, Quantity>();
          map.forEach((name, quantity) -> copy.put(text(name), quantity(quantity)));
          return Collections.unmodifiableMap(copy);
        });
  }

  /// Parses the whole text again, because fabric8 keeps the amount and the unit in separate fields.
  private Quantity quantity(Quantity quantity) {
    var text = quantity.toString();
    return quantities.get(text, Quantity::new);
  }

  /// Shortens a key to 32 characters. The key lives as long as its shape and would be larger than
  /// it.
  private static String digest(String key) {
    return new String(Sha256.of(key), StandardCharsets.ISO_8859_1);
  }

  private static void append(StringBuilder key, Declared container) {
    key.append(container.name()).append(END).append(container.role()).append(END);
    append(key, requests(container.resources()));
    append(key, limits(container.resources()));
  }

  private static void append(StringBuilder key, Map<String, Quantity> map) {
    if (map != null) {
      map.forEach(
          (name, quantity) ->
              key.append(name)
                  .append('=')
                  .append(quantity.getAmount())
                  .append(quantity.getFormat())
                  .append(';'));
    }
    key.append(END);
  }

  private static Map<String, Quantity> requests(ResourceRequirements resources) {
    return resources == null ? null : resources.getRequests();
  }

  private static Map<String, Quantity> limits(ResourceRequirements resources) {
    return resources == null ? null : resources.getLimits();
  }

  /// `usesCrossNamespacePodAffinity` in pkg/quota/v1/evaluator/core, v1.36.
  private static boolean crossNamespaceAffinity(PodSpec spec) {
    if (spec.getAffinity() == null) {
      return false;
    }
    var together = spec.getAffinity().getPodAffinity();
    var apart = spec.getAffinity().getPodAntiAffinity();
    var terms = Stream.<PodAffinityTerm>empty();
    if (together != null) {
      terms =
          Stream.concat(
              listed(together.getRequiredDuringSchedulingIgnoredDuringExecution()).stream(),
              listed(together.getPreferredDuringSchedulingIgnoredDuringExecution()).stream()
                  .map(weighted -> weighted.getPodAffinityTerm()));
    }
    if (apart != null) {
      terms =
          Stream.of(
                  terms,
                  listed(apart.getRequiredDuringSchedulingIgnoredDuringExecution()).stream(),
                  listed(apart.getPreferredDuringSchedulingIgnoredDuringExecution()).stream()
                      .map(weighted -> weighted.getPodAffinityTerm()))
              .flatMap(stream -> stream);
    }
    return terms.anyMatch(
        term -> !listed(term.getNamespaces()).isEmpty() || term.getNamespaceSelector() != null);
  }

  private static <T> Collection<T> listed(List<T> list) {
    return list == null ? List.of() : list;
  }

  /// Interned strings share one instance, which the JVM frees when it is unused.
  private static String text(String text) {
    return text == null ? "" : text.intern();
  }
}
