package io.cgrouppolicy.core.limits;

import java.util.Set;

/// The resource names that the API server accepts in each place (`validateContainerResourceName`
/// and `ValidateResourceQuotaResourceName` in `pkg/apis/core/validation`, v1.36). Each constant is
/// a regular expression for the whole name that works in both RE2 and Java.
public final class ResourceNames {
  private static final String HUGE_PAGES = "hugepages-[1-9][0-9]*([KMGTPE]i?)?";

  /// A name with a DNS prefix: `nvidia.com/gpu`, `count/deployments.apps`.
  private static final String QUALIFIED =
      "[a-z0-9]([-a-z0-9.]*[a-z0-9])?/[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?";

  /// Names in LimitRange items for containers or pods. A qualified name in a LimitRange must not
  /// begin with [#REQUESTS], which RE2 cannot express.
  public static final String CONTAINER =
      "cpu|memory|ephemeral-storage|" + HUGE_PAGES + "|" + QUALIFIED;

  /// Names in LimitRange items of other types: claims have only storage, OpenShift images have
  /// storage too, and OpenShift image streams have qualified names.
  public static final String STORAGE = "storage|" + QUALIFIED;

  /// Names in a ResourceQuota.
  public static final String QUOTA =
      "((requests|limits)\\.)?(cpu|memory|ephemeral-storage)|requests\\.storage|(requests\\.)?"
          + HUGE_PAGES
          + "|pods|services(\\.loadbalancers|\\.nodeports)?|replicationcontrollers|resourcequotas"
          + "|secrets|configmaps|persistentvolumeclaims|"
          + QUALIFIED;

  /// What a quota counts in whole numbers, in addition to extended resources.
  public static final String COUNTED =
      "pods|services(\\.loadbalancers|\\.nodeports)?|replicationcontrollers|resourcequotas"
          + "|secrets|configmaps|persistentvolumeclaims";

  /// Resources that every container must set if a quota counts them. A name without `requests.` or
  /// `limits.` means the request.
  public static final Set<String> REQUIRED_BY_QUOTA =
      Set.of("cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory");

  /// What a quota counts of PersistentVolumeClaims (`pvcEvaluator.MatchingResources`).
  private static final String CLAIMS =
      "count/persistentvolumeclaims"
          + "|(.+\\.storageclass\\.storage\\.k8s\\.io/)?(persistentvolumeclaims|requests\\.storage)";

  /// The prefix of extended resources in a quota.
  public static final String REQUESTS = "requests.";

  private static final String LIMITS = "limits.";

  /// The prefix of what a quota counts by object.
  private static final String COUNT = "count/";

  /// The prefix of what OpenShift's own quota evaluators count.
  private static final String OPENSHIFT = "openshift.io/";

  /// Qualified names in a ResourceQuota, apart from extended resources, that a quota controller can
  /// count (`MatchingResources` of the evaluators in `pkg/quota/v1`, v1.36).
  public static final String COUNTABLE =
      "("
          + COUNT
          + "|"
          + OPENSHIFT
          + ").*|.*\\.storageclass\\.storage\\.k8s\\.io/(requests\\.storage|persistentvolumeclaims)"
          + "|.*\\.deviceclass\\.resource\\.k8s\\.io/devices"
          + "|requests\\.deviceclass\\.resource\\.kubernetes\\.io/.*";

  /// Keys by which a quota is known to be meant for HAMi's scheduler, which reads `limits.` of
  /// extended resources and never writes a quota's status.
  public static final Set<String> HAMI =
      Set.of("limits.nvidia.com/gpumem", "limits.nvidia.com/gpucores");

  private ResourceNames() {}

  public static boolean isOfClaims(String name) {
    return name.matches(CLAIMS);
  }

  /// Whether HAMi counts a key, in a quota with these keys.
  public static boolean isCountedByHami(String key, Set<String> keys) {
    return key.startsWith(LIMITS) && key.contains("/") && HAMI.stream().anyMatch(keys::contains);
  }

  /// Why a quota controller does not count a key, to follow the key in a message; "" if unknown.
  public static String uncountedHint(String key) {
    if (key.startsWith(COUNT)) {
      return " (the cluster has no such kind, or the quota controller does not see it)";
    }
    if (key.startsWith(OPENSHIFT)) {
      return " (only OpenShift does)";
    }
    return !key.contains("/") || key.startsWith(REQUESTS) || key.matches(COUNTABLE)
        ? ""
        : " (use "
            + REQUESTS
            + (key.startsWith(LIMITS) ? key.substring(LIMITS.length()) : key)
            + ")";
  }

  /// Whether a LimitRange entry of this type can limit the resource.
  public static boolean fitsLimitRange(String type, String name) {
    boolean ofContainers = "Container".equals(type) || "Pod".equals(type);
    return name.matches(ofContainers ? CONTAINER : STORAGE)
        && !(name.contains("/") && name.startsWith(REQUESTS));
  }

  /// Whether a limit may differ from its request (`IsOvercommitAllowed`): true except for huge
  /// pages and extended resources.
  public static boolean mayOvercommit(String name) {
    return !name.startsWith("hugepages-")
        && (!name.contains("/") || name.contains("kubernetes.io/"));
  }

  /// Whether a quota counts the resource in whole numbers (`IsIntegerResourceName`).
  static boolean isCounted(String name) {
    return name.matches(COUNTED)
        || name.contains("/") && !name.startsWith(REQUESTS) && !name.contains("kubernetes.io/");
  }
}
