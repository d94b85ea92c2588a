package io.cgrouppolicy.core.limits;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// An object that the operator maintains in a namespace: a LimitRange or one of several quotas.
/// Also defines their names, labels and owners.
public record Child(Kind kind, String name) {
  public enum Kind {
    LimitRange("limitranges"),
    ResourceQuota("resourcequotas");

    private final String plural;

    Kind(String plural) {
      this.plural = plural;
    }
  }

  /// The name of the LimitRange and of `spec.namespaces.resourceQuota`.
  public static final String NAME = "cgroup-policy";

  public static final Child LIMIT_RANGE = new Child(Kind.LimitRange, NAME);
  public static final String MANAGER = "cgroup-policy-operator";
  public static final String MANAGED_BY = "app.kubernetes.io/managed-by";
  public static final String POLICY = "cgroup-policy.io/policy";

  public static Child quota(String name) {
    return new Child(Kind.ResourceQuota, name);
  }

  /// The object name of an entry in `spec.namespaces.resourceQuotas`.
  public static String quotaName(String entry) {
    return NAME + "-" + entry;
  }

  /// Whether a quota has a name that the operator uses.
  public static boolean isQuotaName(String name) {
    return name.equals(NAME) || name.startsWith(quotaName(""));
  }

  /// The plural resource name, as used in the API and in RBAC.
  public String plural() {
    return kind.plural;
  }

  /// The kind, and the name if it is not the usual one.
  @Override
  public String toString() {
    return name.equals(NAME) ? kind.name() : kind + " " + name;
  }

  /// Whether the operator created the object, by its label, its owner or its field manager: an
  /// object that lost one of these marks is still recognized.
  public static boolean isOurs(HasMetadata object) {
    var metadata = object.getMetadata();
    if (metadata.getLabels() != null && MANAGER.equals(metadata.getLabels().get(MANAGED_BY))) {
      return true;
    }
    if (metadata.getOwnerReferences().stream().anyMatch(Child::isPolicy)) {
      return true;
    }
    return isManaged(object);
  }

  /// Whether managedFields lists the operator as a field manager.
  public static boolean isManaged(HasMetadata object) {
    return object.getMetadata().getManagedFields().stream()
        .anyMatch(f -> MANAGER.equals(f.getManager()));
  }

  /// The policy that the object belongs to by its label or owner.
  public static Optional<String> policyOf(HasMetadata object) {
    var labels = object.getMetadata().getLabels();
    if (labels != null && labels.get(POLICY) != null) {
      return Optional.of(labels.get(POLICY));
    }
    return object.getMetadata().getOwnerReferences().stream()
        .filter(Child::isPolicy)
        .map(OwnerReference::getName)
        .findFirst();
  }

  /// Whether two objects of one kind have the same spec, by value.
  public static boolean sameSpec(HasMetadata a, HasMetadata b) {
    return switch (a) {
      case io.fabric8.kubernetes.api.model.LimitRange limitRange ->
          b instanceof io.fabric8.kubernetes.api.model.LimitRange other
              && Objects.equals(limitRange.getSpec(), other.getSpec());
      case io.fabric8.kubernetes.api.model.ResourceQuota quota ->
          b instanceof io.fabric8.kubernetes.api.model.ResourceQuota other
              && Objects.equals(quota.getSpec(), other.getSpec());
      default -> false;
    };
  }

  private static boolean isPolicy(OwnerReference owner) {
    return "CgroupPolicy".equals(owner.getKind())
        && owner.getApiVersion() != null
        && owner.getApiVersion().startsWith(CgroupPolicy.GROUP + "/");
  }

  /// The labels of a child. Never copied from the policy, because Argo CD would then treat the
  /// child as its own.
  public static Map<String, String> labels(String policy) {
    return Map.of(MANAGED_BY, MANAGER, POLICY, policy);
  }

  /// An owner reference that does not block the owner's deletion.
  public static OwnerReference owner(String name, String uid) {
    return new OwnerReferenceBuilder()
        .withApiVersion(CgroupPolicy.GROUP + "/" + CgroupPolicy.VERSION)
        .withKind("CgroupPolicy")
        .withName(name)
        .withUid(uid)
        .build();
  }

  /// The uids of CgroupPolicy owners.
  public static List<String> policyOwners(HasMetadata stored) {
    return stored.getMetadata().getOwnerReferences().stream()
        .filter(Child::isPolicy)
        .map(OwnerReference::getUid)
        .toList();
  }

  /// The uids of CgroupPolicy owners that are not in the desired list.
  public static List<String> surplusOwners(HasMetadata stored, List<OwnerReference> owners) {
    var desired = owners.stream().map(OwnerReference::getUid).toList();
    return policyOwners(stored).stream().filter(uid -> !desired.contains(uid)).toList();
  }

  /// The differences in labels and CgroupPolicy owners; ignores what other writers added.
  public static List<Difference> differences(
      HasMetadata stored, String policy, List<OwnerReference> owners) {
    var differences = new ArrayList<Difference>();
    var labels = stored.getMetadata().getLabels();
    labels(policy)
        .forEach(
            (key, value) -> {
              var actual = labels == null ? null : labels.get(key);
              if (!value.equals(actual)) {
                differences.add(
                    new Difference(
                        "metadata.labels[" + key + "]", value, actual == null ? "unset" : actual));
              }
            });
    var desired = owners.stream().map(OwnerReference::getUid).sorted().toList();
    var found = policyOwners(stored).stream().sorted().toList();
    if (!desired.equals(found)) {
      differences.add(
          new Difference(
              "metadata.ownerReferences",
              names(owners),
              names(
                  stored.getMetadata().getOwnerReferences().stream()
                      .filter(Child::isPolicy)
                      .toList())));
    }
    differences.sort((a, b) -> a.field().compareTo(b.field()));
    return differences;
  }

  private static String names(List<OwnerReference> owners) {
    return owners.isEmpty()
        ? "none"
        : String.join(",", owners.stream().map(OwnerReference::getName).sorted().toList());
  }
}
