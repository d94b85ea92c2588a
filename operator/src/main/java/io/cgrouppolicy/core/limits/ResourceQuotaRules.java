package io.cgrouppolicy.core.limits;

import io.cgrouppolicy.api.v1alpha1.ResourceQuotaTemplate;
import io.cgrouppolicy.api.v1alpha1.ResourceQuotaTemplate.ScopeRequirement;
import io.cgrouppolicy.core.check.Problem;
import io.fabric8.kubernetes.api.model.ResourceQuotaSpec;
import io.fabric8.kubernetes.api.model.ResourceQuotaSpecBuilder;
import io.fabric8.kubernetes.api.model.ScopedResourceSelectorRequirement;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/// Replicates the API server's validation of a ResourceQuota (`ValidateResourceQuotaSpec`, v1.36).
public final class ResourceQuotaRules {
  public static final Set<String> SCOPES =
      Set.of(
          "Terminating",
          "NotTerminating",
          "BestEffort",
          "NotBestEffort",
          "PriorityClass",
          "CrossNamespacePodAffinity",
          "VolumeAttributesClass");

  /// Pairs of scopes that exclude each other.
  private static final List<Set<String>> CONTRADICTIONS =
      List.of(Set.of("BestEffort", "NotBestEffort"), Set.of("Terminating", "NotTerminating"));

  /// Scopes with values, which support operators other than Exists.
  private static final Set<String> VALUED = Set.of("PriorityClass", "VolumeAttributesClass");

  private static final Set<String> POD_RESOURCES =
      Set.of(
          "pods",
          "cpu",
          "memory",
          "requests.cpu",
          "requests.memory",
          "limits.cpu",
          "limits.memory");

  /// The API server counts in thousandths, in 64 bits.
  private static final BigDecimal MAX_COUNT = BigDecimal.valueOf(Long.MAX_VALUE / 1000);

  private ResourceQuotaRules() {}

  public static ResourceQuotaSpec canonical(ResourceQuotaTemplate template) {
    var builder = new ResourceQuotaSpecBuilder().withHard(Quantities.canonical(template.hard()));
    if (template.scopes() != null && !template.scopes().isEmpty()) {
      builder.withScopes(template.scopes().stream().sorted().toList());
    }
    if (template.scopeSelector() != null && template.scopeSelector().matchExpressions() != null) {
      builder
          .withNewScopeSelector()
          .withMatchExpressions(
              template.scopeSelector().matchExpressions().stream()
                  .map(ResourceQuotaRules::requirement)
                  .toList())
          .endScopeSelector();
    }
    return builder.build();
  }

  private static ScopedResourceSelectorRequirement requirement(ScopeRequirement requirement) {
    return new ScopedResourceSelectorRequirement(
        requirement.operator(),
        requirement.scopeName(),
        requirement.values() == null ? List.of() : requirement.values());
  }

  public static List<Difference> differences(ResourceQuotaSpec desired, ResourceQuotaSpec stored) {
    var differences = new ArrayList<Difference>();
    Quantities.compare(
        "hard", desired.getHard(), stored == null ? null : stored.getHard(), differences);
    if (!sameScopes(desired, stored)) {
      differences.add(
          new Difference(
              "scopes",
              desired.getScopes() + " " + selectors(desired),
              stored == null ? "unset" : stored.getScopes() + " " + selectors(stored)));
    }
    return differences;
  }

  /// Whether the scopes are equal. Scopes are immutable: to change them, delete and recreate the
  /// quota.
  public static boolean sameScopes(ResourceQuotaSpec desired, ResourceQuotaSpec stored) {
    return stored != null
        && Set.copyOf(orEmpty(desired.getScopes())).equals(Set.copyOf(orEmpty(stored.getScopes())))
        && Objects.equals(selectors(desired), selectors(stored));
  }

  private static List<String> selectors(ResourceQuotaSpec spec) {
    if (spec.getScopeSelector() == null) {
      return List.of();
    }
    return orEmpty(spec.getScopeSelector().getMatchExpressions()).stream()
        .map(e -> e.getScopeName() + " " + e.getOperator() + " " + orEmpty(e.getValues()))
        .sorted()
        .toList();
  }

  private static <T> List<T> orEmpty(List<T> list) {
    return list == null ? List.of() : list;
  }

  public static List<Problem> problems(String field, ResourceQuotaTemplate template) {
    var problems = new ArrayList<Problem>();
    if (template.hard() == null || template.hard().isEmpty()) {
      problems.add(new Problem(field + ".hard", "must name at least one resource"));
    }
    Quantities.amounts(field + ".hard", template.hard(), problems);
    if (problems.isEmpty()) {
      names(field, template, problems);
      requestsWithinLimits(field, template, problems);
    }
    var scopes = orEmpty(template.scopes());
    for (int i = 0; i < scopes.size(); i++) {
      if (!isScope(scopes.get(i))) {
        problems.add(new Problem(field + ".scopes[" + i + "]", "unknown scope " + scopes.get(i)));
      }
    }
    var selector = template.scopeSelector();
    var expressions =
        selector == null ? List.<ScopeRequirement>of() : orEmpty(selector.matchExpressions());
    for (int i = 0; i < expressions.size(); i++) {
      expression(
          field + ".scopeSelector.matchExpressions[" + i + "]", expressions.get(i), problems);
    }
    together(field, template, expressions, problems);
    return problems;
  }

  private static void names(String field, ResourceQuotaTemplate template, List<Problem> problems) {
    for (var name : new TreeSet<>(template.hard().keySet())) {
      var at = field + ".hard[" + name + "]";
      if (!name.matches(ResourceNames.QUOTA)) {
        problems.add(new Problem(at, "is not a resource that a quota can count"));
      }
      var number = Quantities.number(template.hard().get(name));
      if (ResourceNames.isCounted(name) && number.stripTrailingZeros().scale() > 0) {
        problems.add(new Problem(at, "must be a whole number"));
      } else if (ResourceNames.isCounted(name) && number.compareTo(MAX_COUNT) > 0) {
        problems.add(new Problem(at, "must be at most " + MAX_COUNT));
      }
    }
  }

  /// Checks scopes against each other and against the resources that can be counted within them.
  private static void together(
      String field,
      ResourceQuotaTemplate template,
      List<ScopeRequirement> expressions,
      List<Problem> problems) {
    var scopes = new TreeSet<>(orEmpty(template.scopes()));
    expressions.stream()
        .map(ScopeRequirement::scopeName)
        .filter(Objects::nonNull)
        .forEach(scopes::add);
    CONTRADICTIONS.stream()
        .filter(scopes::containsAll)
        .forEach(
            pair ->
                problems.add(
                    new Problem(field + ".scopes", "no pod is in both " + new TreeSet<>(pair))));
    if (template.hard() == null) {
      return;
    }
    for (var name : new TreeSet<>(template.hard().keySet())) {
      for (var scope : scopes) {
        if (!name.contains("/") && !counts(scope, name)) {
          problems.add(
              new Problem(
                  field + ".hard[" + name + "]", "cannot be counted within scope " + scope));
        }
      }
    }
  }

  /// `IsResourceQuotaScopeValidForResource`.
  private static boolean counts(String scope, String name) {
    return switch (scope) {
      case "BestEffort" -> name.equals("pods");
      case "VolumeAttributesClass" ->
          name.equals("persistentvolumeclaims") || name.equals("requests.storage");
      default -> !SCOPES.contains(scope) || POD_RESOURCES.contains(name);
    };
  }

  /// Valid for the server, but requests above the limits could never be used.
  private static void requestsWithinLimits(
      String field, ResourceQuotaTemplate template, List<Problem> problems) {
    for (var resource : List.of("cpu", "memory", "ephemeral-storage")) {
      var request = template.hard().get("requests." + resource);
      var limit = template.hard().get("limits." + resource);
      if (request != null
          && limit != null
          && Quantities.number(request).compareTo(Quantities.number(limit)) > 0) {
        problems.add(
            new Problem(
                field + ".hard[requests." + resource + "]",
                request + " is above limits." + resource + " " + limit));
      }
    }
  }

  private static boolean isScope(String scope) {
    return scope != null && SCOPES.contains(scope);
  }

  private static boolean takesValues(String scope) {
    return scope != null && VALUED.contains(scope);
  }

  private static void expression(String at, ScopeRequirement expression, List<Problem> problems) {
    if (!isScope(expression.scopeName())) {
      problems.add(new Problem(at + ".scopeName", "unknown scope " + expression.scopeName()));
    }
    if (!takesValues(expression.scopeName()) && !"Exists".equals(expression.operator())) {
      problems.add(new Problem(at + ".operator", "must be Exists for " + expression.scopeName()));
    }
    boolean hasValues = !orEmpty(expression.values()).isEmpty();
    switch (expression.operator()) {
      case "In", "NotIn" -> {
        if (!hasValues) {
          problems.add(new Problem(at + ".values", "must be set for " + expression.operator()));
        }
      }
      case "Exists", "DoesNotExist" -> {
        if (hasValues) {
          problems.add(new Problem(at + ".values", "must not be set for " + expression.operator()));
        }
      }
      case null, default ->
          problems.add(new Problem(at + ".operator", "unknown operator " + expression.operator()));
    }
  }

  /// The keys of a stored quota that the policy does not have. Server-side apply keeps keys that
  /// another field manager owns, so they must be removed by name.
  public static List<String> surplus(ResourceQuotaSpec desired, ResourceQuotaSpec stored) {
    var hard =
        stored == null || stored.getHard() == null ? Map.<String, Object>of() : stored.getHard();
    return hard.keySet().stream()
        .filter(key -> !desired.getHard().containsKey(key))
        .sorted()
        .toList();
  }
}
