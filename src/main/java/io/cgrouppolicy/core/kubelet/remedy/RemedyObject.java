package io.cgrouppolicy.core.kubelet.remedy;

import io.cgrouppolicy.core.limits.Child;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import java.util.Map;

/// The ConfigMap that holds a remedy: what it should be, and what brings a stored one there. Plain
/// functions.
public final class RemedyObject {
  public enum Step {
    NOTHING,
    APPLY,
    DELETE,
    /// It holds more than the remedy, which applying leaves there. Somebody could take it for a
    /// part of the remedy.
    DELETE_AND_APPLY,
    /// It is not ours, and stays as it is.
    LEAVE
  }

  private RemedyObject() {}

  public static String name(String policy) {
    return "cgroup-policy-remedy-" + policy;
  }

  /// @param uid of the policy, which owns the ConfigMap
  /// @param files of the remedy by name
  public static ConfigMap wanted(
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

  /// @param wanted without data where there is to be none
  /// @param found what is stored, or null
  public static Step step(ConfigMap wanted, ConfigMap found) {
    boolean none = wanted.getData().isEmpty();
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
    if (!wanted.getData().keySet().containsAll(stored.keySet())) {
      return Step.DELETE_AND_APPLY;
    }
    return same(wanted, found) ? Step.NOTHING : Step.APPLY;
  }

  /// Labels and owners that others added are theirs.
  private static boolean same(ConfigMap wanted, ConfigMap found) {
    var labels = found.getMetadata().getLabels();
    return wanted.getData().equals(found.getData())
        && labels != null
        && labels.entrySet().containsAll(wanted.getMetadata().getLabels().entrySet())
        && found
            .getMetadata()
            .getOwnerReferences()
            .containsAll(wanted.getMetadata().getOwnerReferences());
  }
}
