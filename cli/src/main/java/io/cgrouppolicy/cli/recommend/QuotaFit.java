package io.cgrouppolicy.cli.recommend;

import static java.util.stream.Collectors.joining;

import io.cgrouppolicy.cli.audit.Snapshot.NamespaceSnapshot;
import io.cgrouppolicy.core.admission.QuotaDemand;
import io.cgrouppolicy.core.pods.PodFacts;
import io.cgrouppolicy.core.pods.Workload;
import io.fabric8.kubernetes.api.model.LimitRangeSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;

/// Derives the quota: what the namespace that needs most needs, with head-room. Each namespace gets
/// this quota, so namespaces that need far more than the others are named.
final class QuotaFit {
  private static final String REQUESTS = "requests.memory";
  private static final String LIMITS = "limits.memory";

  static final List<String> RESOURCES = List.of("requests.cpu", REQUESTS, LIMITS, "pods");

  /// The factor above the next namespace that makes a namespace an exception.
  private static final BigDecimal FAR = BigDecimal.valueOf(4);

  /// Namespaces that need less than four times this are no exceptions.
  private static final Map<String, BigDecimal> SMALL =
      Map.of(
          "requests.cpu",
          BigDecimal.ONE,
          REQUESTS,
          BigDecimal.valueOf(2L << 30),
          LIMITS,
          BigDecimal.valueOf(2L << 30),
          "pods",
          BigDecimal.TEN);

  /// At most one namespace in so many is an exception.
  private static final int PER_EXCEPTION = 10;

  /// @param hard by resource
  /// @param notes about all of them
  record QuotaFigures(Map<String, Figure> hard, List<String> notes) {}

  /// What a namespace needs, by resource.
  private record Demand(String namespace, Map<String, BigDecimal> amounts) {}

  private final List<Demand> demands = new ArrayList<>();
  private final Choices choices;

  /// The namespaces that need far more than the others.
  private final TreeSet<String> exceptions = new TreeSet<>();

  private QuotaFit(Choices choices) {
    this.choices = choices;
  }

  /// @param limitRange of the policy, completed
  static QuotaFigures of(
      List<NamespaceSnapshot> namespaces,
      Function<PodFacts, Workload> workloads,
      LimitRangeSpec limitRange,
      Choices choices) {
    var fit = new QuotaFit(choices);
    for (var namespace : namespaces) {
      fit.demands.add(
          new Demand(
              namespace.name(),
              QuotaDemand.of(
                  limitRange,
                  List.copyOf(namespace.objects().foreignLimitRanges().values()),
                  RESOURCES,
                  namespace.pods(),
                  workloads)));
    }
    return fit.figures();
  }

  private QuotaFigures figures() {
    for (var resource : RESOURCES) {
      var sorted = sorted(resource);
      int most = exceptionsOf(resource, sorted);
      sorted.stream().limit(most).forEach(demand -> exceptions.add(demand.namespace()));
    }
    var hard = new LinkedHashMap<String, Figure>();
    RESOURCES.forEach(resource -> hard.put(resource, figure(resource)));
    hard.computeIfPresent(LIMITS, (name, limits) -> atLeast(limits, hard.get(REQUESTS)));
    return new QuotaFigures(hard, exceptions.isEmpty() ? List.of() : List.of(note()));
  }

  /// The demands for a resource, the greatest first.
  private List<Demand> sorted(String resource) {
    return demands.stream()
        .sorted(
            Comparator.comparing((Demand demand) -> demand.amounts().get(resource))
                .reversed()
                .thenComparing(Demand::namespace))
        .toList();
  }

  /// How many demands are far above the next one.
  private static int exceptionsOf(String resource, List<Demand> sorted) {
    int most = Math.max(1, sorted.size() / PER_EXCEPTION);
    int found = 0;
    for (int i = 0; i < most && i + 1 < sorted.size(); i++) {
      var amount = sorted.get(i).amounts().get(resource);
      var next = sorted.get(i + 1).amounts().get(resource);
      if (amount.compareTo(next.max(SMALL.get(resource)).multiply(FAR)) > 0) {
        found = i + 1;
      }
    }
    return found;
  }

  private Figure figure(String resource) {
    var sorted = sorted(resource);
    var first = sorted.getFirst();
    var amount = first.amounts().get(resource);
    var why = new StringBuilder();
    why.append(
        "%s needs %s, with its largest rollout%s; plus %d %%."
            .formatted(
                first.namespace(),
                Rounding.text(resource, amount),
                sorted.size() == 1 ? "" : ", the most of all",
                choices.headroom()));
    if (!exceptions.isEmpty()) {
      sorted.stream()
          .filter(demand -> !exceptions.contains(demand.namespace()))
          .findFirst()
          .ifPresent(
              next ->
                  why.append(
                      " Without %s: %s."
                          .formatted(
                              exceptions.size() == 1 ? exceptions.first() : "the exceptions",
                              quota(resource, next.amounts().get(resource)))));
    }
    return new Figure(quota(resource, amount), why.toString());
  }

  /// A static pod may have a request without a limit, but the API forbids such a quota.
  private static Figure atLeast(Figure limits, Figure requests) {
    return limits.value().compareTo(requests.value()) >= 0
        ? limits
        : new Figure(
            requests.value(), limits.why() + " As many as requests, which may not be more.");
  }

  private Quantity quota(String resource, BigDecimal amount) {
    return round(resource, Headroom.add(choices.headroom(), amount));
  }

  private static Quantity round(String resource, BigDecimal amount) {
    return resource.endsWith("memory")
        ? Rounding.memory(amount)
        : resource.endsWith("cpu") ? Rounding.cpu(amount) : Rounding.count(amount);
  }

  private String note() {
    boolean one = exceptions.size() == 1;
    return "%s %s more than four times as much as the next namespace, and every namespace gets this"
            .formatted(String.join(", ", exceptions), one ? "needs" : "need")
        + " quota. For smaller quotas, take two policies: kubectl cgp recommend %s, and kubectl cgp"
            .formatted(exceptions.stream().map("--exclude "::concat).collect(joining(" ")))
        + " recommend %s.".formatted(exceptions.stream().map("-n "::concat).collect(joining(" ")));
  }
}
