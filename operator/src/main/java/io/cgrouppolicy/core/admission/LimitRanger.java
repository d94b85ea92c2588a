package io.cgrouppolicy.core.admission;

import io.cgrouppolicy.core.pods.ContainerShape;
import io.cgrouppolicy.core.pods.PodShape;
import io.fabric8.kubernetes.api.model.LimitRangeItem;
import io.fabric8.kubernetes.api.model.LimitRangeItemBuilder;
import io.fabric8.kubernetes.api.model.LimitRangeSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Simulates what a namespace's LimitRanges do to a new pod: the LimitRanger admission plugin
/// (v1.36, `plugin/pkg/admission/limitranger`), with the API defaults before and after it and the
/// API validation in between.
///
/// If several LimitRanges have a default for one resource, the first one wins. Which one is first
/// on a server is unpredictable.
public final class LimitRanger {
  private final List<LimitRangeSpec> specs;

  /// @param specs the specs, completed as the server stores them
  public LimitRanger(List<LimitRangeSpec> specs) {
    this.specs = specs.stream().map(LimitRanger::stored).toList();
  }

  /// Converts quantities to their stored form: 0.8e1 becomes 8.
  private static LimitRangeSpec stored(LimitRangeSpec spec) {
    return new LimitRangeSpec(
        orEmpty(spec.getLimits()).stream()
            .map(
                item ->
                    new LimitRangeItemBuilder()
                        .withType(item.getType())
                        .withMin(stored(item.getMin()))
                        .withMax(stored(item.getMax()))
                        .withDefault(stored(item.getDefault()))
                        .withDefaultRequest(stored(item.getDefaultRequest()))
                        .withMaxLimitRequestRatio(stored(item.getMaxLimitRequestRatio()))
                        .build())
            .toList());
  }

  static Map<String, Quantity> stored(Map<String, Quantity> quantities) {
    var map = new HashMap<String, Quantity>();
    orEmpty(quantities)
        .forEach((name, quantity) -> map.put(name, CanonicalQuantity.of(quantity).quantity()));
    return map;
  }

  /// The result of admission.
  ///
  /// @param checked the pod with defaults, as validation and quota see it
  /// @param stored the pod as clients read it afterwards; differs from `checked` only if it has
  ///     pod-level resources
  /// @param rejections why the pod is rejected; empty if it is admitted
  public record Admitted(PodShape checked, PodShape stored, List<Rejection> rejections) {}

  /// @param pod a pod as in a template or as it runs; ephemeral containers are ignored because a
  ///     new pod has none
  public Admitted admit(PodShape pod) {
    var checked = PodDefaults.apply(PodDefaults.with(pod, PodResources.inOrder(pod)));
    for (var spec : specs) {
      checked = withDefaults(spec, checked);
    }
    return new Admitted(checked, PodDefaults.apply(checked), rejections(checked));
  }

  /// Admits the replacement of a running pod, which starts without the LimitRange defaults of the
  /// old pod.
  public Admitted admitReplacement(PodShape pod) {
    return admit(PodDefaults.withoutDefaults(pod));
  }

  /// Why the LimitRanges reject a claim (`PersistentVolumeClaimValidateLimitFunc`).
  Optional<String> rejection(Claim claim) {
    var requests =
        claim.request() == null
            ? new ResourceList()
            : ResourceList.of(Map.of("storage", claim.request()));
    var rejections = new ArrayList<Rejection>();
    for (var spec : specs) {
      for (var item : orEmpty(spec.getLimits())) {
        if (item.getType().equals("PersistentVolumeClaim")) {
          new Constraints(item, claim.name(), requests, new ResourceList()).checkClaim(rejections);
        }
      }
    }
    return rejections.stream().map(Rejection::text).reduce((a, b) -> a + "; " + b);
  }

  private List<Rejection> rejections(PodShape pod) {
    var invalid = PodValidation.rejections(pod);
    if (!invalid.isEmpty()) {
      return invalid;
    }
    for (var spec : specs) {
      var rejections = new ArrayList<Rejection>();
      for (var item : orEmpty(spec.getLimits())) {
        constrain(item, pod, rejections);
      }
      if (!rejections.isEmpty()) { // the server stops at the first LimitRange that rejects
        return rejections.stream().distinct().toList();
      }
    }
    return List.of();
  }

  /// `PodMutateLimitFunc`: defaults limits and requests independently of each other.
  private static PodShape withDefaults(LimitRangeSpec spec, PodShape pod) {
    var limits = new HashMap<String, Quantity>();
    var requests = new HashMap<String, Quantity>();
    for (var item : orEmpty(spec.getLimits())) {
      if (item.getType().equals("Container")) {
        limits.putAll(orEmpty(item.getDefault()));
        requests.putAll(orEmpty(item.getDefaultRequest()));
      }
    }
    return PodDefaults.with(
        pod,
        pod.containers().stream()
            .map(
                c ->
                    new ContainerShape(
                        c.name(),
                        c.role(),
                        merged(c.requests(), requests),
                        merged(c.limits(), limits)))
            .toList());
  }

  private static Map<String, Quantity> merged(
      Map<String, Quantity> own, Map<String, Quantity> defaults) {
    if (own.keySet().containsAll(defaults.keySet())) {
      return own;
    }
    var merged = new HashMap<>(defaults);
    merged.putAll(own);
    return merged;
  }

  /// `PodValidateLimitFunc`.
  private static void constrain(LimitRangeItem item, PodShape pod, List<Rejection> rejections) {
    switch (item.getType()) {
      case "Container" -> {
        for (var container : PodResources.declared(pod)) {
          var requests = ResourceList.of(container.requests());
          var limits = ResourceList.of(container.limits());
          new Constraints(item, Rejection.subject(container), requests, limits).check(rejections);
        }
      }
      case "Pod" ->
          new Constraints(
                  item,
                  "pod",
                  PodResources.limitRangerRequests(pod),
                  PodResources.limitRangerLimits(pod))
              .check(rejections);
      default -> {
        // for claims and images, not for pods
      }
    }
  }

  private static <T> List<T> orEmpty(List<T> list) {
    return list == null ? List.of() : list;
  }

  private static Map<String, Quantity> orEmpty(Map<String, Quantity> map) {
    return map == null ? Map.of() : map;
  }
}
