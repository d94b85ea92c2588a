package io.cgrouppolicy.chaos;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// The metadata that the operator gives its objects, and what a stored object has of it.
final class Marks {
  private static final String MANAGER = "cgroup-policy-operator";
  private static final String PREFIX = "cgroup-policy.io/";
  private static final String POLICY = PREFIX + "policy";

  private Marks() {}

  static Map<String, String> labels(CgroupPolicy policy) {
    return Map.of("app.kubernetes.io/managed-by", MANAGER, POLICY, World.name(policy));
  }

  /// See `docs/namespace-owners.md`.
  static Map<String, String> annotations(CgroupPolicy policy, String namespace) {
    var annotations = new TreeMap<String, String>();
    annotations.put(
        PREFIX + "description",
        "Limits of CgroupPolicy %s for this namespace. While the policy enforces them, %s reverts"
                .formatted(World.name(policy), MANAGER)
            + " changes to this object. Ask the contact or a cluster administrator to change them.");
    annotations.put(
        PREFIX + "list-rejections",
        "kubectl get events -n %s --field-selector reportingComponent=cgroup-policy.io/operator"
            .formatted(namespace));
    annotations.put(PREFIX + "contact", policy.getSpec().contact());
    annotations.put(PREFIX + "documentation", policy.getSpec().documentation());
    annotations.values().removeIf(value -> value == null);
    return annotations;
  }

  /// The operator's annotations of a stored object.
  static Map<String, String> annotations(HasMetadata stored) {
    var annotations = new TreeMap<>(orEmpty(stored.getMetadata().getAnnotations()));
    annotations.keySet().removeIf(key -> !key.startsWith(PREFIX));
    return annotations;
  }

  static Map<String, String> labels(HasMetadata stored) {
    return orEmpty(stored.getMetadata().getLabels());
  }

  /// The names of the policies that own an object, by uid.
  static Map<String, String> owners(HasMetadata stored) {
    return stored.getMetadata().getOwnerReferences().stream()
        .filter(owner -> owner.getKind().equals("CgroupPolicy"))
        .collect(
            Collectors.toMap(
                OwnerReference::getUid, OwnerReference::getName, (a, b) -> a, LinkedHashMap::new));
  }

  /// Whether the operator wrote an object, and so may change it.
  static boolean isOurs(HasMetadata stored) {
    return MANAGER.equals(labels(stored).get("app.kubernetes.io/managed-by"))
        || !owners(stored).isEmpty()
        || stored.getMetadata().getManagedFields().stream()
            .anyMatch(fields -> MANAGER.equals(fields.getManager()));
  }

  /// The policy that an object belongs to: by its label, which another client may have removed, or
  /// by its first owner.
  static String policyOf(HasMetadata stored) {
    var owner = owners(stored).values().stream().findFirst().orElse(null);
    return labels(stored).getOrDefault(POLICY, owner);
  }

  private static Map<String, String> orEmpty(Map<String, String> map) {
    return map == null ? Map.of() : map;
  }
}
