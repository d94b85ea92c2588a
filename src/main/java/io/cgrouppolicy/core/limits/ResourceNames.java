package io.cgrouppolicy.core.limits;

import java.util.Set;

/// Which names of resources the API server takes where (`validateContainerResourceName` and
/// `ValidateResourceQuotaResourceName` in `pkg/apis/core/validation`, v1.36). Each constant is a
/// regular expression for the whole name, the same for RE2 and Java.
public final class ResourceNames {
  private static final String HUGE_PAGES = "hugepages-[1-9][0-9]*([KMGTPE]i?)?";

  /// A name with a DNS prefix: `nvidia.com/gpu`, `count/deployments.apps`.
  private static final String QUALIFIED =
      "[a-z0-9]([-a-z0-9.]*[a-z0-9])?/[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?";

  /// In a LimitRange's entry for containers or pods. A qualified name must not begin with
  /// [#REQUESTS] in a LimitRange, which a regular expression of RE2 cannot say.
  public static final String CONTAINER =
      "cpu|memory|ephemeral-storage|" + HUGE_PAGES + "|" + QUALIFIED;

  /// In a LimitRange's entry of another type: a claim has storage and nothing else, OpenShift's
  /// images have storage too, its image streams have qualified names.
  public static final String STORAGE = "storage|" + QUALIFIED;

  /// In a ResourceQuota.
  public static final String QUOTA =
      "((requests|limits)\\.)?(cpu|memory|ephemeral-storage)|requests\\.storage|(requests\\.)?"
          + HUGE_PAGES
          + "|pods|services(\\.loadbalancers|\\.nodeports)?|replicationcontrollers|resourcequotas"
          + "|secrets|configmaps|persistentvolumeclaims|"
          + QUALIFIED;

  /// What a quota counts in whole numbers, besides the extended resources.
  public static final String COUNTED =
      "pods|services(\\.loadbalancers|\\.nodeports)?|replicationcontrollers|resourcequotas"
          + "|secrets|configmaps|persistentvolumeclaims";

  /// What each container must set where a quota counts it; the others are left alone. A name
  /// without `requests.` or `limits.` is a request too.
  public static final Set<String> REQUIRED_BY_QUOTA =
      Set.of("cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory");

  /// What begins the name of an extended resource in a quota.
  public static final String REQUESTS = "requests.";

  private ResourceNames() {}

  static boolean fitsLimitRange(String type, String name) {
    boolean ofContainers = "Container".equals(type) || "Pod".equals(type);
    return name.matches(ofContainers ? CONTAINER : STORAGE)
        && !(name.contains("/") && name.startsWith(REQUESTS));
  }

  /// Whether a limit may differ from its request (`IsOvercommitAllowed`): not for huge pages and
  /// extended resources.
  public static boolean mayOvercommit(String name) {
    return !name.startsWith("hugepages-")
        && (!name.contains("/") || name.contains("kubernetes.io/"));
  }

  /// Whether a quota counts it in whole numbers (`IsIntegerResourceName`).
  static boolean isCounted(String name) {
    return name.matches(COUNTED)
        || name.contains("/") && !name.startsWith(REQUESTS) && !name.contains("kubernetes.io/");
  }
}
