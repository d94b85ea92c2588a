package io.cgrouppolicy.cli.recommend;

import io.cgrouppolicy.cli.recommend.Usage.Kind;
import io.cgrouppolicy.core.limits.Quantities;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Predicate;

/// Derives the LimitRange: a default limit that every container without one fits in, default
/// requests of the usual size, and a maximum above every limit. It has no CPU limit.
final class LimitFit {
  private static final String MEMORY = "memory";
  private static final String CPU = "cpu";

  /// What a small program needs. A default below it would stop containers that come later.
  private static final Quantity LEAST_DEFAULT = new Quantity("128Mi");

  private static final Quantity LEAST_REQUEST = new Quantity("32Mi");

  /// The figures of the sample audit.yaml, where nothing runs that says otherwise.
  private static final Quantity SAMPLE_DEFAULT = new Quantity("512Mi");

  private static final Quantity SAMPLE_CPU = new Quantity("100m");
  private static final Quantity SAMPLE_MEMORY = new Quantity("128Mi");

  /// The factor above which one workload determines a figure for all others.
  private static final BigDecimal FAR = BigDecimal.valueOf(4);

  private final List<ContainerNeed> containers;
  private final Usage usage;
  private final Choices choices;
  private final List<String> notes = new ArrayList<>();

  private LimitFit(List<ContainerNeed> containers, Usage usage, Choices choices) {
    this.containers = containers;
    this.usage = usage;
    this.choices = choices;
  }

  static LimitFigures of(List<ContainerNeed> containers, Usage usage, Choices choices) {
    return new LimitFit(containers, usage, choices).figures();
  }

  /// What a default limit must not be below.
  ///
  /// @param container that needs it, or null for an assumption about all
  private record Need(BigDecimal amount, ContainerNeed container, String why) {
    boolean sameWorkload(Need other) {
      return container != null
          && other.container != null
          && container.sameWorkload(other.container);
    }
  }

  private LimitFigures figures() {
    var defaultMemory = defaultMemory();
    var requestMemory =
        request(MEMORY, ContainerUsage::memory, Rounding::memory, LEAST_REQUEST, SAMPLE_MEMORY);
    if (requestMemory.value().compareTo(defaultMemory.value()) > 0) {
      requestMemory = new Figure(defaultMemory.value(), "As the limit. " + requestMemory.why());
    }
    return new LimitFigures(
        defaultMemory,
        request(CPU, ContainerUsage::cpu, Rounding::cpu, new Quantity("10m"), SAMPLE_CPU),
        requestMemory,
        maxMemory(defaultMemory),
        List.copyOf(notes));
  }

  private Figure defaultMemory() {
    var needs = needs();
    if (needs.isEmpty()) {
      return ofDeclared();
    }
    var first = needs.getFirst();
    var rounded = Rounding.memory(first.amount());
    var value = atLeast(rounded, LEAST_DEFAULT);
    var why = new StringBuilder(first.why());
    if (rounded.compareTo(LEAST_DEFAULT) < 0) {
      why.append(" At least ").append(LEAST_DEFAULT).append(", which small programs need.");
    }
    needs.stream()
        .filter(other -> !other.sameWorkload(first))
        .findFirst()
        .ifPresent(next -> why.append(ifLimited(first, next)));
    return withinPods(new Figure(value, why.toString()), first.amount());
  }

  /// What the default could be if the container that needs most had a limit of its own.
  private static String ifLimited(Need first, Need next) {
    if (first.container() == null
        || next.container() == null
        || !isFar(first.amount(), next.amount().max(number(LEAST_DEFAULT)))) {
      return "";
    }
    return " The next, %s, needs %s: give %s a limit of its own, and this can be %s."
        .formatted(
            next.container().title().replaceFirst(",$", ""),
            Rounding.text(MEMORY, next.amount()),
            first.container().workload().name(),
            atLeast(Rounding.memory(next.amount()), LEAST_DEFAULT));
  }

  /// The needs of containers without a limit, the greatest first.
  private List<Need> needs() {
    var needs = new ArrayList<Need>();
    int unknown = 0;
    for (var container : containers) {
      var request = container.written().requests().get(MEMORY);
      if (container.limit(MEMORY) == null && request != null && number(request).signum() > 0) {
        needs.add(
            new Need(
                number(request),
                container,
                "%s requests %s and has no limit: with a lower default, its pod would be rejected."
                    .formatted(container.title(), request)));
      }
      if (container.unlimited(MEMORY)) {
        if (container.usage() == null || container.usage().memoryPeak() == null) {
          unknown++;
        } else {
          needs.add(used(container));
        }
      }
    }
    if (unknown > 0) {
      notes.add(unknown(unknown));
      if (usage.kind() == Kind.NONE) {
        declaredInstead(needs);
      }
    }
    needs.sort(
        Comparator.comparing(Need::amount)
            .reversed()
            .thenComparing(need -> need.container() == null)
            .thenComparing(Need::why));
    return needs;
  }

  private Need used(ContainerNeed container) {
    var peak = container.usage().memoryPeak();
    var withHeadroom = withHeadroom(peak);
    return new Need(
        withHeadroom,
        container,
        "%s %s %s without a limit: %s with head-room."
            .formatted(
                container.title(),
                usage.kind() == Kind.SAMPLE ? "uses" : "used up to",
                Rounding.text(MEMORY, peak),
                Rounding.text(MEMORY, withHeadroom)));
  }

  private String unknown(int count) {
    var containers = count == 1 ? "1 container" : count + " containers";
    return "What %s without a memory limit %s is unknown%s: %s"
        .formatted(
            containers,
            count == 1 ? "uses" : "use",
            usage.kind() == Kind.NONE ? "" : ", as the metrics do not have them",
            "one that uses more than the default is OOM-killed once its pod is recreated.");
  }

  /// Without metrics, containers without a limit are assumed to be like those that declare one.
  private void declaredInstead(List<Need> needs) {
    var limits = declared(container -> container.limit(MEMORY));
    needs.add(
        limits.isEmpty()
            ? new Need(
                number(SAMPLE_DEFAULT),
                null,
                "No metrics, and no container declares a limit: the figure of the preset baseline.")
            : new Need(
                Percentiles.of(choices.percentile(), limits),
                null,
                "No metrics: %s.".formatted(ofLimits(limits))));
  }

  private Figure ofDeclared() {
    var limits = declared(container -> container.limit(MEMORY));
    var alone = "No container runs without a limit. For those to come: ";
    return limits.isEmpty()
        ? new Figure(SAMPLE_DEFAULT, alone + "the figure of the preset baseline.")
        : withinPods(
            new Figure(
                atLeast(
                    Rounding.memory(Percentiles.of(choices.percentile(), limits)), LEAST_DEFAULT),
                alone + ofLimits(limits) + "."),
            BigDecimal.ZERO);
  }

  private String ofLimits(List<BigDecimal> limits) {
    return "%d %% of the %d limits that containers declare are at most %s"
        .formatted(
            choices.percentile(),
            limits.size(),
            Rounding.text(MEMORY, Percentiles.of(choices.percentile(), limits)));
  }

  /// A container must not have a higher limit than its pod.
  private Figure withinPods(Figure figure, BigDecimal need) {
    return containers.stream()
        .filter(container -> container.limit(MEMORY) == null && container.podLimit(MEMORY) != null)
        .min(Comparator.comparing(container -> container.podLimit(MEMORY)))
        .filter(
            container ->
                container.podLimit(MEMORY).compareTo(number(figure.value())) < 0
                    && container.podLimit(MEMORY).compareTo(need) >= 0)
        .map(
            container ->
                new Figure(
                    container.pod().shape().podLimits().get(MEMORY),
                    figure.why()
                        + " Not more, because the pod limit of %s/%s is no higher."
                            .formatted(container.pod().namespace(), container.workload().name())))
        .orElse(figure);
  }

  private Figure request(
      String resource,
      Function<ContainerUsage, BigDecimal> used,
      Function<BigDecimal, Quantity> rounding,
      Quantity least,
      Quantity sample) {
    var without = containers.stream().filter(c -> c.unrequested(resource)).toList();
    var amounts =
        without.stream()
            .map(ContainerNeed::usage)
            .filter(Objects::nonNull)
            .map(used)
            .filter(Objects::nonNull)
            .toList();
    if (!amounts.isEmpty()) {
      var median = Percentiles.of(Percentiles.MEDIAN, amounts);
      return new Figure(
          atLeast(rounding.apply(median), least),
          "Half of the containers without a request (%d) use at most %s%s."
              .formatted(
                  amounts.size(),
                  Rounding.text(resource, median),
                  usage.kind() == Kind.WINDOW
                      ? ", %d %% of the time".formatted(choices.percentile())
                      : ""));
    }
    var requests = declared(container -> container.request(resource));
    if (requests.isEmpty()) {
      return new Figure(
          sample, "No container declares a request: the figure of the preset baseline.");
    }
    var median = Percentiles.of(Percentiles.MEDIAN, requests);
    return new Figure(
        atLeast(rounding.apply(median), least),
        "Half of the %d requests that containers declare are at most %s."
            .formatted(requests.size(), Rounding.text(resource, median)));
  }

  private Figure maxMemory(Figure defaultMemory) {
    return containers.stream()
        .filter(container -> container.limit(MEMORY) != null)
        .max(Comparator.comparing(container -> container.limit(MEMORY)))
        .map(
            largest ->
                new Figure(
                    atLeast(
                        Rounding.memory(withHeadroom(largest.limit(MEMORY))),
                        defaultMemory.value()),
                    "%s has the largest limit: %s; plus %d %%."
                        .formatted(
                            largest.title(),
                            Rounding.text(MEMORY, largest.limit(MEMORY)),
                            choices.headroom())))
        .orElse(null);
  }

  /// The amounts above zero that containers declare.
  private List<BigDecimal> declared(Function<ContainerNeed, BigDecimal> of) {
    Predicate<BigDecimal> positive = amount -> amount.signum() > 0;
    return containers.stream().map(of).filter(Objects::nonNull).filter(positive).toList();
  }

  private BigDecimal withHeadroom(BigDecimal amount) {
    return Headroom.add(choices.headroom(), amount);
  }

  private static boolean isFar(BigDecimal amount, BigDecimal next) {
    return amount.compareTo(next.multiply(FAR)) > 0;
  }

  private static Quantity atLeast(Quantity figure, Quantity least) {
    return figure.compareTo(least) < 0 ? least : figure;
  }

  private static BigDecimal number(Quantity quantity) {
    return Quantities.number(quantity);
  }
}
