package io.cgrouppolicy.cli.explain;

import io.cgrouppolicy.cli.explain.Explanation.Change;
import io.cgrouppolicy.cli.explain.Explanation.Container;
import io.cgrouppolicy.cli.explain.Explanation.Counted;
import io.cgrouppolicy.cli.explain.Explanation.Raise;
import io.cgrouppolicy.cli.explain.Explanation.Result;
import io.cgrouppolicy.cli.explain.Explanation.Value;
import io.cgrouppolicy.core.admission.Admission;
import io.cgrouppolicy.core.admission.Admission.Outcome;
import io.cgrouppolicy.core.admission.Rejection;
import io.cgrouppolicy.core.admission.SmallestChange;
import io.cgrouppolicy.core.pods.ContainerShape;
import io.cgrouppolicy.core.pods.Qos;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// The result of admission, in the form in which it is shown.
final class Results {
  /// The kinds of `kubectl set resources` whose pods are recreated.
  private static final Set<String> SETTABLE =
      Set.of("deployment", "statefulset", "daemonset", "cronjob");

  private Results() {}

  static Result of(Candidate candidate, Admission admission) {
    var written = candidate.written();
    var outcome = admission.admit(written);
    var change =
        outcome.admitted()
            ? List.<SmallestChange.Change>of()
            : SmallestChange.of(written, admission).orElse(List.of());
    return new Result(
        outcome.admitted(),
        containers(candidate, outcome),
        outcome.admitted() ? Qos.of(outcome.stored()).name() : null,
        quotas(admission, outcome),
        outcome.rejections().stream().map(Rejection::toString).toList(),
        change.stream().map(Results::change).toList(),
        commands(candidate, change),
        outcome.admitted()
            ? List.of()
            : SmallestChange.raises(written, admission).stream()
                .map(
                    raise ->
                        new Raise(
                            raise.quota(),
                            raise.resource(),
                            raise.from().toString(),
                            raise.to().toString()))
                .toList());
  }

  private static List<Container> containers(Candidate candidate, Outcome outcome) {
    var containers = new ArrayList<Container>();
    for (int i = 0; i < outcome.checked().containers().size(); i++) {
      var written = candidate.written().containers().get(i);
      var checked = outcome.checked().containers().get(i);
      containers.add(
          new Container(
              Rejection.subject(checked), requests(written, checked), limits(written, checked)));
    }
    return containers;
  }

  private static List<Value> requests(ContainerShape written, ContainerShape checked) {
    return values(
        checked.requests(),
        name ->
            written.requests().containsKey(name)
                ? "written"
                : written.limits().containsKey(name) ? "limit" : "default");
  }

  private static List<Value> limits(ContainerShape written, ContainerShape checked) {
    return values(
        checked.limits(), name -> written.limits().containsKey(name) ? "written" : "default");
  }

  private interface Origin {
    String of(String resource);
  }

  private static List<Value> values(Map<String, Quantity> quantities, Origin origin) {
    return new TreeMap<>(quantities)
        .entrySet().stream()
            .map(e -> new Value(e.getKey(), e.getValue(), origin.of(e.getKey())))
            .toList();
  }

  private static List<Counted> quotas(Admission admission, Outcome outcome) {
    var counted = new ArrayList<Counted>();
    for (var quota : admission.quotas()) {
      var usage = quota.evaluator().usage(outcome.checked());
      for (var name : usage.names()) {
        var used = quota.used().get(name);
        counted.add(
            new Counted(
                quota.evaluator().name(),
                name,
                used == null ? "0" : used.toString(),
                usage.get(name).toString(),
                quota.evaluator().hard().get(name).toString()));
      }
    }
    return counted;
  }

  private static Change change(SmallestChange.Change change) {
    return new Change(
        change.container(),
        change.name(),
        change.from() == null ? null : change.from().toString(),
        change.to().toString(),
        change.free());
  }

  private static List<String> commands(Candidate candidate, List<SmallestChange.Change> changes) {
    var prefix = "container ";
    if (!SETTABLE.contains(candidate.kind())
        || changes.stream().anyMatch(change -> !change.container().startsWith(prefix))) {
      return List.of();
    }
    var byContainer = new LinkedHashMap<String, Map<SmallestChange.Field, List<String>>>();
    for (var change : changes) {
      byContainer
          .computeIfAbsent(change.container().substring(prefix.length()), c -> new TreeMap<>())
          .computeIfAbsent(change.field(), f -> new ArrayList<>())
          .add(change.resource() + "=" + change.to());
    }
    return byContainer.entrySet().stream()
        .map(
            e ->
                "kubectl set resources %s -n %s -c %s %s"
                    .formatted(
                        candidate.subject(),
                        candidate.namespace(),
                        e.getKey(),
                        e.getValue().entrySet().stream()
                            .map(f -> "--" + f.getKey() + "=" + String.join(",", f.getValue()))
                            .collect(Collectors.joining(" "))))
        .toList();
  }
}
