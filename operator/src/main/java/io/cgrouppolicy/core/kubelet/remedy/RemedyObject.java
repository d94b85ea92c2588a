package io.cgrouppolicy.core.kubelet.remedy;

import io.cgrouppolicy.core.limits.Child;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import java.util.Map;

/// Decides what to do with the ConfigMap of a remedy, from the desired and the stored one.
public final class RemedyObject {
  public enum Step {
    NOTHING,
    APPLY,
    DELETE,
    /// It has more keys than the remedy, which applying would keep, and which could be mistaken for
    /// a part of it.
    DELETE_AND_APPLY,
    /// It does not belong to the operator and stays unchanged.
    LEAVE
  }

  private RemedyObject() {}

  public static String name(String policy) {
    return "cgroup-policy-remedy-" + policy;
  }

  /// @param uid the uid of the policy, which owns the ConfigMap
  /// @param files the files of the remedy, by name
  public static ConfigMap desired(
      String policy, String uid, String namespace, Map<String, String> files) {
    return new ConfigMapBuilder()
        .withNewMetadata()
        .withName(name(policy))
        .withNamespace(namespace)
        .withLabels(Child.labels(policy))
        .withOwnerReferences(Child.owner(policy, uid))
        .endMetadata()
        .withData(files)
        .build();
  }

  /// @param desired the desired ConfigMap; without data if there should be none
  /// @param found the stored ConfigMap, or null
  public static Step step(ConfigMap desired, ConfigMap found) {
    boolean none = desired.getData().isEmpty();
    if (found == null) {
      return none ? Step.NOTHING : Step.APPLY;
    }
    if (!Child.isOurs(found)) {
      return none ? Step.NOTHING : Step.LEAVE;
    }
    if (none) {
      return Step.DELETE;
    }
    var stored = found.getData() == null ? Map.<String, String>of() : found.getData();
    if (!desired.getData().keySet().containsAll(stored.keySet())) {
      return Step.DELETE_AND_APPLY;
    }
    return same(desired, found) ? Step.NOTHING : Step.APPLY;
  }

  /// Ignores labels and owners that other writers added.
  private static boolean same(ConfigMap desired, ConfigMap found) {
    var labels = found.getMetadata().getLabels();
    return desired.getData().equals(found.getData())
        && labels != null
        && labels.entrySet().containsAll(desired.getMetadata().getLabels().entrySet())
        && found
            .getMetadata()
            .getOwnerReferences()
            .containsAll(desired.getMetadata().getOwnerReferences());
  }
}
