package io.cgrouppolicy.core.admission;

import io.cgrouppolicy.core.admission.Rejection.Kind;
import io.cgrouppolicy.core.limits.ResourceNames;
import io.cgrouppolicy.core.pods.PodShape;
import io.cgrouppolicy.core.pods.Qos;
import io.fabric8.kubernetes.api.model.ResourceQuotaSpec;
import io.fabric8.kubernetes.api.model.ScopedResourceSelectorRequirement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Simulates which of a pod's resources a ResourceQuota counts and whether it admits the pod: the
/// pod evaluator (v1.36, `pkg/quota/v1/evaluator/core/pods.go`) and `CheckRequest` of the
/// ResourceQuota plugin. Both see pods after defaulting.
public final class QuotaEvaluator {
  private static final Set<String> POD_RESOURCES =
      Set.of(
          "count/pods",
          "cpu",
          "memory",
          "ephemeral-storage",
          "requests.cpu",
          "requests.memory",
          "requests.ephemeral-storage",
          "limits.cpu",
          "limits.memory",
          "limits.ephemeral-storage",
          "pods");

  private static final String CLAIMS = "persistentvolumeclaims";

  private static final String DEVICE_CLASS = "deviceclass.resource.kubernetes.io/";

  private final String name;
  private final ResourceList hard;
  private final Set<String> counted;
  private final Set<String> ofClaims;
  private final Set<String> required;
  private final List<ScopedResourceSelectorRequirement> scopes;

  /// @param name the quota's name, for error texts
  public QuotaEvaluator(String name, ResourceQuotaSpec spec) {
    this.name = name;
    hard = ResourceList.of(LimitRanger.stored(spec.getHard()));
    counted = hard.names().stream().filter(QuotaEvaluator::isOfPods).collect(Collectors.toSet());
    ofClaims = hard.names().stream().filter(ResourceNames::isOfClaims).collect(Collectors.toSet());
    required =
        counted.stream()
            .filter(ResourceNames.REQUIRED_BY_QUOTA::contains)
            .collect(Collectors.toSet());
    scopes = scopes(spec);
  }

  /// `MatchingResources`.
  private static boolean isOfPods(String resource) {
    boolean extended =
        resource.startsWith(ResourceNames.REQUESTS)
            && (resource.contains("/") && !resource.contains("kubernetes.io/")
                || resource.startsWith(ResourceNames.REQUESTS + DEVICE_CLASS));
    return POD_RESOURCES.contains(resource)
        || PodResources.isHugePages(resource)
        || resource.startsWith(ResourceNames.REQUESTS + "hugepages-")
        || extended;
  }

  private static List<ScopedResourceSelectorRequirement> scopes(ResourceQuotaSpec spec) {
    var scopes = new ArrayList<ScopedResourceSelectorRequirement>();
    if (spec.getScopes() != null) {
      for (var scope : spec.getScopes()) {
        scopes.add(new ScopedResourceSelectorRequirement("Exists", scope, List.of()));
      }
    }
    if (spec.getScopeSelector() != null && spec.getScopeSelector().getMatchExpressions() != null) {
      scopes.addAll(spec.getScopeSelector().getMatchExpressions());
    }
    return scopes;
  }

  public String name() {
    return name;
  }

  /// The hard limits, in the quota's notation.
  public ResourceList hard() {
    return hard;
  }

  /// The resources that every container must set.
  Set<String> required() {
    return required;
  }

  /// Whether the quota applies to the pod: it counts pod resources, and all its scopes match.
  public boolean matches(PodShape pod) {
    return !counted.isEmpty() && scopes.stream().allMatch(scope -> isIn(scope, pod));
  }

  private static boolean isIn(ScopedResourceSelectorRequirement scope, PodShape pod) {
    return switch (scope.getScopeName()) {
      case "Terminating" -> pod.deadline();
      case "NotTerminating" -> !pod.deadline();
      case "BestEffort" -> Qos.of(pod) == Qos.BestEffort;
      case "NotBestEffort" -> Qos.of(pod) != Qos.BestEffort;
      case "CrossNamespacePodAffinity" -> pod.crossNamespaceAffinity();
      case "PriorityClass" -> isOfClass(scope, pod.priorityClass());
      default -> false;
    };
  }

  /// @param name of the pod's or claim's class, or ""
  private static boolean isOfClass(ScopedResourceSelectorRequirement scope, String name) {
    boolean listed = scope.getValues() != null && scope.getValues().contains(name);
    return switch (scope.getOperator()) {
      case "Exists" -> !name.isEmpty();
      case "DoesNotExist" -> name.isEmpty();
      case "In" -> !name.isEmpty() && listed;
      case "NotIn" -> name.isEmpty() || !listed;
      default -> false;
    };
  }

  /// What the quota counts for a pod; empty if it does not apply to the pod.
  public ResourceList usage(PodShape pod) {
    return matches(pod) ? total(pod).only(counted) : new ResourceList();
  }

  /// What the quota counts for a claim (`pvcEvaluator.Usage`). Of the scopes, only
  /// VolumeAttributesClass matches claims.
  ResourceList usage(Claim claim) {
    boolean matches =
        scopes.stream()
            .allMatch(
                scope ->
                    scope.getScopeName().equals("VolumeAttributesClass")
                        && isOfClass(scope, claim.attributesClass()));
    if (ofClaims.isEmpty() || !matches) {
      return new ResourceList();
    }
    var usage = new ResourceList();
    usage.put("count/" + CLAIMS, CanonicalQuantity.ONE);
    var prefixes =
        claim.storageClass().isEmpty()
            ? List.of("")
            : List.of("", claim.storageClass() + ".storageclass.storage.k8s.io/");
    for (var prefix : prefixes) {
      usage.put(prefix + CLAIMS, CanonicalQuantity.ONE);
      if (claim.charged() != null) {
        usage.put(prefix + "requests.storage", CanonicalQuantity.of(claim.charged()));
      }
    }
    return usage.only(ofClaims);
  }

  /// The resources whose usage is above the quota, to complete the quota's name in a message.
  List<String> belowUsage(ResourceList used) {
    return used.names().stream()
        .filter(resource -> used.get(resource).compareTo(hard.get(resource)) > 0)
        .map(
            resource ->
                belowUsage(resource)
                    + "%s, but only %s is allowed"
                        .formatted(used.get(resource), hard.get(resource)))
        .toList();
  }

  /// How [#belowUsage(ResourceList)] begins for a resource.
  static String belowUsage(String resource) {
    return " is below current usage: " + resource + " is ";
  }

  /// `PodUsageFunc` for a pod that has not ended.
  private static ResourceList total(PodShape pod) {
    var usage = usage(PodResources.requests(pod), PodResources.limits(pod));
    usage.put("pods", CanonicalQuantity.ONE);
    usage.put("count/pods", CanonicalQuantity.ONE);
    return usage;
  }

  /// `podComputeUsageHelper`.
  private static ResourceList usage(ResourceList requests, ResourceList limits) {
    var usage = new ResourceList();
    for (var resource : requests.names()) {
      var request = requests.get(resource);
      if (isCore(resource) || PodResources.isHugePages(resource)) {
        usage.put(resource, request);
        usage.put(ResourceNames.REQUESTS + resource, request);
      } else if (PodValidation.isExtended(resource) || resource.startsWith(DEVICE_CLASS)) {
        usage.put(ResourceNames.REQUESTS + resource, request);
      }
    }
    for (var resource : limits.names()) {
      if (isCore(resource)) {
        usage.put("limits." + resource, limits.get(resource));
      }
    }
    return usage;
  }

  private static boolean isCore(String resource) {
    return PodResources.isCompute(resource) || resource.equals("ephemeral-storage");
  }

  /// Why the quotas of a namespace reject a pod. The server first checks for each quota whether the
  /// pod sets what it requires. It reports one rejection; which one is unpredictable.
  ///
  /// @param used the current usage of each quota
  public static List<Rejection> rejections(
      List<QuotaEvaluator> quotas, PodShape pod, List<ResourceList> used) {
    var rejections =
        IntStream.range(0, quotas.size())
            .mapToObj(i -> quotas.get(i).rejection(pod, used.get(i)))
            .flatMap(Optional::stream)
            .toList();
    var unset = rejections.stream().filter(r -> r.kind() == Kind.QUOTA_UNSET).toList();
    return unset.isEmpty() ? rejections : unset;
  }

  /// Why the quota rejects a pod; empty if it admits it.
  ///
  /// @param used the quota's current usage
  public Optional<Rejection> rejection(PodShape pod, ResourceList used) {
    return matches(pod) ? unset(pod).or(() -> exceeded(usage(pod), used)) : Optional.empty();
  }

  /// `Constraints`: with pod-level resources, containers need not set anything.
  private Optional<Rejection> unset(PodShape pod) {
    if (required.isEmpty() || PodResources.isPodLevelSet(pod)) {
      return Optional.empty();
    }
    var missing = new TreeMap<String, TreeSet<String>>();
    for (var container : PodResources.declared(pod)) {
      var set =
          usage(ResourceList.of(container.requests()), ResourceList.of(container.limits())).names();
      for (var resource : required) {
        if (!set.contains(resource)) {
          missing.computeIfAbsent(resource, r -> new TreeSet<>()).add(container.name());
        }
      }
    }
    return missing.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Rejection(
                Kind.QUOTA_UNSET,
                "pod",
                missing.entrySet().stream()
                    .map(e -> e.getKey() + " for: " + String.join(",", e.getValue()))
                    .collect(
                        Collectors.joining(
                            "; ", "failed quota: " + name + ": must specify ", ""))));
  }

  /// Checks a new pod's usage against the remaining quota. Resources that the pod does not use may
  /// be exceeded already.
  public Optional<Rejection> exceeded(ResourceList usage, ResourceList used) {
    var requested = usage.withoutZeros();
    var above =
        requested.names().stream()
            .filter(r -> used.getOrZero(r).plus(requested.get(r)).compareTo(hard.get(r)) > 0)
            .toList();
    return above.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Rejection(
                Kind.QUOTA_EXCEEDED,
                "pod",
                "exceeded quota: "
                    + name
                    + ", requested: "
                    + requested.only(above)
                    + ", used: "
                    + usedOf(above, used)
                    + ", limited: "
                    + hard.only(above)));
  }

  private static ResourceList usedOf(List<String> resources, ResourceList used) {
    var list = new ResourceList();
    resources.forEach(resource -> list.put(resource, used.getOrZero(resource)));
    return list;
  }

  /// Sums usages as in the quota's status, with a zero for unused resources.
  public ResourceList sum(Iterable<ResourceList> usages) {
    var sum = new ResourceList();
    counted.forEach(resource -> sum.put(resource, CanonicalQuantity.ZERO));
    usages.forEach(sum::add);
    return sum;
  }
}
