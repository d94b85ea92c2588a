package io.cgrouppolicy.core.limits;

import io.cgrouppolicy.api.v1alpha1.LimitRangeTemplate;
import io.cgrouppolicy.api.v1alpha1.LimitRangeTemplate.Item;
import io.cgrouppolicy.core.check.Problem;
import io.fabric8.kubernetes.api.model.LimitRangeItem;
import io.fabric8.kubernetes.api.model.LimitRangeItemBuilder;
import io.fabric8.kubernetes.api.model.LimitRangeSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/// Replicates what the API server does with a LimitRange: the values that it fills in
/// (`SetDefaults_LimitRangeItem`) and its validation (`ValidateLimitRange`), both as of v1.36.
public final class LimitRangeRules {
  /// The types of items: those of the core API, and OpenShift's for its image registry.
  public static final List<String> TYPES =
      List.of(
          "Container",
          "Pod",
          "PersistentVolumeClaim",
          "openshift.io/Image",
          "openshift.io/ImageStream");

  private LimitRangeRules() {}

  /// Completes the spec as the server stores it. Otherwise every comparison with the stored object
  /// would find a difference, and every reconciliation would write.
  public static LimitRangeSpec complete(LimitRangeTemplate template) {
    return new LimitRangeSpec(
        template.limits().stream()
            .map(
                item ->
                    complete(
                        new LimitRangeItem(
                            item.defaultLimit(),
                            item.defaultRequest(),
                            item.max(),
                            item.maxLimitRequestRatio(),
                            item.min(),
                            item.type())))
            .toList());
  }

  static LimitRangeItem complete(LimitRangeItem item) {
    var max = Quantities.canonical(item.getMax());
    var min = Quantities.canonical(item.getMin());
    var limit = Quantities.canonical(item.getDefault());
    var request = Quantities.canonical(item.getDefaultRequest());
    if (item.getType().equals("Container")) {
      max.forEach(limit::putIfAbsent);
      limit.forEach(request::putIfAbsent);
      // The server fills requests from default before min, so min matters only without a default.
      min.forEach(request::putIfAbsent);
    }
    return new LimitRangeItemBuilder()
        .withType(item.getType())
        .withMax(orNull(max))
        .withMin(orNull(min))
        .withDefault(orNull(limit))
        .withDefaultRequest(orNull(request))
        .withMaxLimitRequestRatio(orNull(Quantities.canonical(item.getMaxLimitRequestRatio())))
        .build();
  }

  /// Describes the huge pages and extended resources of the Container entries that have a bound or
  /// a request, but no default. The server makes the maximum the default, so a container that asks
  /// for none gets devices. Without a maximum, such a container gets a request without a limit,
  /// which is invalid.
  public static List<String> withoutDefault(LimitRangeTemplate template) {
    var texts = new ArrayList<String>();
    for (var item : template.limits()) {
      if (!"Container".equals(item.type())) {
        continue;
      }
      for (var name : names(item)) {
        var max = value(item.max(), name);
        if (ResourceNames.mayOvercommit(name)
            || value(item.defaultLimit(), name) != null
            || max != null && max.signum() == 0) {
          continue;
        }
        var min = value(item.min(), name);
        var advice =
            min != null && min.signum() > 0
                ? "set a default of at least min, or remove min"
                : "set default: {" + name + ": 0}";
        if (max != null) {
          texts.add(
              "max %1$s %2$s without a default gives %2$s to every container that sets none; %3$s"
                  .formatted(name, item.max().get(name), advice));
        } else if (min != null || value(item.defaultRequest(), name) != null) {
          texts.add(
              "%s %s without a default rejects every container that sets none; %s"
                  .formatted(min != null ? "min" : "defaultRequest", name, advice));
        }
      }
    }
    return texts;
  }

  private static Map<String, Quantity> orNull(TreeMap<String, Quantity> map) {
    return map.isEmpty() ? null : map;
  }

  /// Compares a stored spec with the desired one, ignoring the order of items.
  public static List<Difference> differences(LimitRangeSpec desired, LimitRangeSpec stored) {
    var differences = new ArrayList<Difference>();
    var found = byType(stored);
    for (var item : desired.getLimits()) {
      var at = "limits[" + item.getType() + "]";
      var other = found.remove(item.getType());
      if (other == null) {
        differences.add(new Difference(at, "present", "absent"));
      } else {
        Quantities.compare(at + ".max", item.getMax(), other.getMax(), differences);
        Quantities.compare(at + ".min", item.getMin(), other.getMin(), differences);
        Quantities.compare(at + ".default", item.getDefault(), other.getDefault(), differences);
        Quantities.compare(
            at + ".defaultRequest",
            item.getDefaultRequest(),
            other.getDefaultRequest(),
            differences);
        Quantities.compare(
            at + ".maxLimitRequestRatio",
            item.getMaxLimitRequestRatio(),
            other.getMaxLimitRequestRatio(),
            differences);
      }
    }
    found
        .keySet()
        .forEach(
            type -> differences.add(new Difference("limits[" + type + "]", "absent", "present")));
    return differences;
  }

  private static TreeMap<String, LimitRangeItem> byType(LimitRangeSpec spec) {
    var items = new TreeMap<String, LimitRangeItem>();
    if (spec != null && spec.getLimits() != null) {
      spec.getLimits().forEach(item -> items.put(item.getType(), item));
    }
    return items;
  }

  /// Finds what makes the server reject the LimitRange, or makes the LimitRange reject every pod.
  public static List<Problem> problems(String field, LimitRangeTemplate template) {
    var problems = new ArrayList<Problem>();
    var items = template.limits() == null ? List.<Item>of() : template.limits();
    if (items.isEmpty()) {
      problems.add(new Problem(field + ".limits", "must have at least one entry"));
    }
    var types = new HashSet<String>();
    for (int i = 0; i < items.size(); i++) {
      var at = field + ".limits[" + i + "]";
      var item = items.get(i);
      if (!types.add(item.type())) {
        problems.add(new Problem(at + ".type", item.type() + " occurs more than once"));
      }
      if (item.type() == null || !TYPES.contains(item.type())) {
        problems.add(new Problem(at + ".type", "must be one of " + TYPES));
        continue;
      }
      int before = problems.size();
      Quantities.amounts(at + ".max", item.max(), problems);
      Quantities.amounts(at + ".min", item.min(), problems);
      Quantities.amounts(at + ".default", item.defaultLimit(), problems);
      Quantities.amounts(at + ".defaultRequest", item.defaultRequest(), problems);
      Quantities.problems(at + ".maxLimitRequestRatio", item.maxLimitRequestRatio(), problems);
      if (problems.size() == before) {
        relations(at, item, problems);
      }
    }
    if (problems.isEmpty()) {
      PodBounds.problems(field, template, problems);
    }
    return problems;
  }

  private static void relations(String at, Item raw, List<Problem> problems) {
    var names = names(raw);
    if (names.isEmpty()) {
      problems.add(new Problem(at, "sets nothing"));
    }
    for (var name : names) {
      if (!ResourceNames.fitsLimitRange(raw.type(), name)) {
        problems.add(new Problem(at, name + " is not a resource of type " + raw.type()));
      }
    }
    if ("PersistentVolumeClaim".equals(raw.type())
        && value(raw.min(), "storage") == null
        && value(raw.max(), "storage") == null) {
      problems.add(new Problem(at, "type PersistentVolumeClaim requires min or max of storage"));
    }
    if (!"Container".equals(raw.type())
        && (raw.defaultLimit() != null || raw.defaultRequest() != null)) {
      problems.add(new Problem(at + ".default", "is allowed for type Container only"));
      return;
    }
    var item = complete(new LimitRangeTemplate(List.of(raw))).getLimits().getFirst();
    ordered(at, "min", item.getMin(), "max", item.getMax(), problems);
    ordered(at, "min", item.getMin(), "defaultRequest", item.getDefaultRequest(), problems);
    ordered(at, "defaultRequest", item.getDefaultRequest(), "max", item.getMax(), problems);
    ordered(at, "min", item.getMin(), "default", item.getDefault(), problems);
    ordered(at, "default", item.getDefault(), "max", item.getMax(), problems);
    ordered(at, "defaultRequest", item.getDefaultRequest(), "default", item.getDefault(), problems);
    equal(at, item, problems);
    ratios(at, item, problems);
  }

  private static TreeSet<String> names(Item item) {
    var names = new TreeSet<String>();
    Stream.of(
            item.min(),
            item.defaultRequest(),
            item.defaultLimit(),
            item.max(),
            item.maxLimitRequestRatio())
        .filter(Objects::nonNull)
        .forEach(map -> names.addAll(map.keySet()));
    return names;
  }

  /// Huge pages and extended resources cannot be overcommitted.
  private static void equal(String at, LimitRangeItem item, List<Problem> problems) {
    if (item.getDefaultRequest() == null) {
      return;
    }
    for (var resource : item.getDefaultRequest().keySet()) {
      var request = value(item.getDefaultRequest(), resource);
      var limit = value(item.getDefault(), resource);
      if (!ResourceNames.mayOvercommit(resource)
          && limit != null
          && request.compareTo(limit) != 0) {
        problems.add(
            new Problem(
                at + ".defaultRequest[" + resource + "]",
                "must equal default, as " + resource + " cannot be overcommitted"));
      }
    }
  }

  private static void ordered(
      String at,
      String lowName,
      Map<String, Quantity> low,
      String highName,
      Map<String, Quantity> high,
      List<Problem> problems) {
    for (var resource : Quantities.above(low, high)) {
      problems.add(
          new Problem(
              at + "." + lowName + "[" + resource + "]",
              low.get(resource) + " is above " + highName + " " + high.get(resource)));
    }
  }

  /// Validates ratios like the server: at least 1, and at most max/min. Also rejects a ratio that
  /// the defaults themselves exceed, because it would reject every pod that relies on them.
  private static void ratios(String at, LimitRangeItem item, List<Problem> problems) {
    if (item.getMaxLimitRequestRatio() == null) {
      return;
    }
    for (var resource : new TreeSet<>(item.getMaxLimitRequestRatio().keySet())) {
      var ratio = Quantities.number(item.getMaxLimitRequestRatio().get(resource));
      var field = at + ".maxLimitRequestRatio[" + resource + "]";
      if (ratio.compareTo(BigDecimal.ONE) < 0) {
        problems.add(new Problem(field, "must be at least 1"));
      }
      above(field, ratio, item.getMax(), item.getMin(), resource, "max to min", problems);
      var limit = value(item.getDefault(), resource);
      var request = value(item.getDefaultRequest(), resource);
      if (limit != null && request != null && limit.compareTo(ratio.multiply(request)) > 0) {
        problems.add(new Problem(field, "is below the ratio of default to defaultRequest"));
      }
    }
  }

  private static void above(
      String field,
      BigDecimal ratio,
      Map<String, Quantity> max,
      Map<String, Quantity> min,
      String resource,
      String what,
      List<Problem> problems) {
    var high = value(max, resource);
    var low = value(min, resource);
    if (high != null
        && low != null
        && low.signum() > 0
        && ratio.multiply(low).compareTo(high) > 0) {
      problems.add(new Problem(field, "is above the ratio of " + what));
    }
  }

  static BigDecimal value(Map<String, Quantity> map, String resource) {
    var quantity = map == null ? null : map.get(resource);
    return quantity == null ? null : Quantities.number(quantity);
  }
}
