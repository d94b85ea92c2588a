package io.cgrouppolicy.core.status;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus;
import io.cgrouppolicy.core.check.Problem;
import io.cgrouppolicy.core.check.Trouble;
import io.cgrouppolicy.core.kubelet.judge.NodeVerdict;
import io.cgrouppolicy.core.kubelet.pressure.PressureVerdict;
import io.cgrouppolicy.core.namespace.NamespaceVerdict;
import io.cgrouppolicy.core.pods.NeighbourVerdict;
import io.cgrouppolicy.core.pods.WorkloadVerdict;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.core.status.Conditions.Status;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Builds a policy's status from verdicts. Deterministic: the same input gives the same status, so
/// that an unchanged status is not written.
public final class PolicyStatusFactory {
  /// The reason of an area whose selector matches nothing: a misspelled label must not look
  /// compliant.
  private static final String NOTHING_SELECTED = "NothingSelected";

  private PolicyStatusFactory() {}

  /// Everything that a status is built from.
  ///
  /// @param cluster what keeps the operator from observing the cluster at all, or null
  /// @param remedy why the remedy could not be published, or null
  /// @param reports what is known of the policy's reports; null if the operator writes none
  public record Input(
      CompiledPolicy policy,
      CgroupPolicyStatus previous,
      Namespaces namespaces,
      Nodes nodes,
      Workloads workloads,
      Trouble cluster,
      Trouble remedy,
      Reports reports,
      Instant now) {
    public Input(
        CompiledPolicy policy,
        CgroupPolicyStatus previous,
        Namespaces namespaces,
        Nodes nodes,
        Workloads workloads,
        Trouble cluster,
        Trouble remedy,
        Instant now) {
      this(policy, previous, namespaces, nodes, workloads, cluster, remedy, null, now);
    }
  }

  /// The namespaces that a policy selects or used to select.
  ///
  /// @param selected the names of the selected namespaces, in any order
  /// @param verdicts this policy's verdict on a namespace, or null
  /// @param leaving the namespaces that are no longer selected but whose objects could not be
  ///     removed, and why
  /// @param overruled whether policies of higher priority govern all namespaces that match
  public record Namespaces(
      List<String> selected,
      Function<String, NamespaceVerdict> verdicts,
      Map<String, Trouble> leaving,
      boolean overruled) {
    public Namespaces(
        List<String> selected,
        Function<String, NamespaceVerdict> verdicts,
        Map<String, Trouble> leaving) {
      this(selected, verdicts, leaving, false);
    }

    public static final Namespaces NONE = new Namespaces(List.of(), name -> null, Map.of());
  }

  /// The nodes that a policy selects.
  ///
  /// @param selected the names of the selected nodes, in any order
  /// @param verdicts this policy's verdict on a node, or null
  /// @param pressure this policy's verdict on a node's pressure, or null
  /// @param trouble what keeps the operator from observing nodes, or null
  /// @param unsafe why a kubelet with the required configuration would not start or would ignore it
  /// @param overruled whether policies of higher priority govern all nodes that match
  public record Nodes(
      List<String> selected,
      Function<String, NodeVerdict> verdicts,
      Function<String, PressureVerdict> pressure,
      Trouble trouble,
      List<Problem> unsafe,
      boolean overruled) {
    public Nodes(
        List<String> selected,
        Function<String, NodeVerdict> verdicts,
        Function<String, PressureVerdict> pressure,
        Trouble trouble,
        List<Problem> unsafe) {
      this(selected, verdicts, pressure, trouble, unsafe, false);
    }

    public static final Nodes NONE =
        new Nodes(List.of(), name -> null, name -> null, null, List.of());
  }

  /// The pods in the selected namespaces and on the selected nodes.
  ///
  /// @param verdicts this policy's verdict on the pods of a namespace, or null
  /// @param neighbours this policy's verdict on the pods of a node, or null
  /// @param trouble what keeps the operator from observing pods, or null
  public record Workloads(
      Function<String, WorkloadVerdict> verdicts,
      Function<String, NeighbourVerdict> neighbours,
      Trouble trouble) {
    public static final Workloads NONE = new Workloads(name -> null, name -> null, null);

    /// The verdict on a namespace, or null if there is none for the current policy.
    WorkloadVerdict of(CompiledPolicy policy, String namespace) {
      var verdict = verdicts.apply(namespace);
      return verdict == null || !verdict.isOf(policy) ? null : verdict;
    }

    /// The verdict on a node, or null if there is none for the current policy.
    NeighbourVerdict ofNode(CompiledPolicy policy, String node) {
      var verdict = neighbours.apply(node);
      return verdict == null || !verdict.isOf(policy) ? null : verdict;
    }
  }

  /// A status, and how long it holds.
  ///
  /// @param nextExpiry when the next exception expires and the status must be rebuilt, or null
  /// @param unprotected the number of selected namespaces in which an object of the policy is not
  ///     in force or that could not be evaluated, except those that `rollout: WhenSafe` holds back;
  ///     null if the policy is invalid or has no namespaces
  public record Result(CgroupPolicyStatus status, Instant nextExpiry, Integer unprotected) {}

  public static Result create(Input input) {
    return create(input, Violations.sampled());
  }

  /// A status that lists all violations: for a report, as the API server could not store it.
  public static Result complete(Input input) {
    return create(input, Violations.complete());
  }

  private static Result create(Input input, Violations violations) {
    var policy = input.policy();
    var previous = input.previous();
    var conditions =
        new Conditions(
            previous == null ? null : previous.conditions(), policy.generation(), input.now());
    if (!policy.valid()) {
      return new Result(invalid(policy, conditions), null, null);
    }
    var exceptions = new Exceptions(policy.spec().exceptions(), input.now());
    var namespaces =
        policy.spec().namespaces() == null
            ? null
            : new NamespaceTally(policy, input.namespaces(), exceptions, violations);
    var workloads =
        policy.judgesPods()
            ? new WorkloadTally(
                policy, input.namespaces(), input.workloads(), exceptions, violations)
            : null;
    var nodes =
        policy.spec().nodes() == null
            ? null
            : new NodeTally(policy, input.nodes(), input.workloads(), exceptions, violations);
    var pressure =
        nodes == null || policy.spec().nodes().pressure() == null
            ? null
            : new PressureTally(policy, input.nodes(), exceptions, violations);
    conditions(input, conditions, new Tallies(namespaces, workloads, nodes, pressure), violations);
    var status =
        new CgroupPolicyStatus(
            policy.generation(),
            conditions.list(),
            namespaces == null ? null : namespaces.counts(),
            policy.spec().workloads() == null ? null : workloads.counts(),
            policy.previews() ? workloads.preview(namespaces.waiting()) : null,
            nodes == null ? null : nodes.counts(),
            pressure == null ? null : pressure.counts(),
            violations.count(),
            violations.byCheck(),
            violations.listed());
    return new Result(
        status, exceptions.nextExpiry(), namespaces == null ? null : namespaces.unprotected());
  }

  /// One tally per section of the policy; null for an absent section.
  private record Tallies(
      NamespaceTally namespaces,
      WorkloadTally workloads,
      NodeTally nodes,
      PressureTally pressure) {}

  private static void conditions(
      Input input, Conditions conditions, Tallies tallies, Violations violations) {
    var namespaces = tallies.namespaces();
    var workloads = tallies.workloads();
    var nodes = tallies.nodes();
    var pressure = tallies.pressure();
    var policy = input.policy();
    var observing =
        Stream.of(
                namespaces == null ? null : namespaces.observing(),
                workloads == null ? null : workloads.observing(),
                nodes == null ? null : nodes.observing(),
                pressure == null ? null : pressure.observing())
            .filter(Objects::nonNull)
            .collect(Collectors.joining("; "));
    var trouble =
        Stream.of(
                input.cluster(),
                namespaces == null ? null : namespaces.trouble(),
                nodes == null ? null : nodes.trouble(),
                policy.judgesPods() ? input.workloads().trouble() : null,
                input.remedy())
            .filter(Objects::nonNull)
            .findFirst()
            .orElse(null);
    ready(policy, conditions, trouble, observing, namespaces == null ? 0 : namespaces.waiting());
    var spec = policy.spec();
    var areas =
        List.of(
            namespaces == null
                ? notRequested(conditions, "NamespacesCompliant", "spec.namespaces")
                : namespaces.condition(conditions, input.cluster()),
            workloads == null
                ? notRequested(conditions, "WorkloadsCompliant", "limits, quota or spec.workloads")
                : workloads.condition(conditions),
            nodes == null
                ? notRequested(conditions, "NodesCompliant", "spec.nodes")
                : nodes.condition(conditions),
            pressure == null
                ? notRequested(conditions, "PressureNormal", "spec.nodes.pressure")
                : pressure.condition(conditions));
    var worst = Status.worst(areas);
    boolean incomplete = trouble == null && !observing.isEmpty();
    switch (worst) {
      case True -> conditions.set("Compliant", worst, "Compliant", violations.summary());
      case False -> conditions.set("Compliant", worst, "ViolationsFound", violations.summary());
      case Unknown -> {
        if (incomplete) {
          conditions.set("Compliant", worst, "Observing", observing);
        } else {
          var reasons = conditions.unknown(Condition::getReason);
          conditions.set(
              "Compliant",
              worst,
              reasons.equals(List.of(NOTHING_SELECTED)) ? NOTHING_SELECTED : "Undetermined",
              String.join("; ", conditions.unknown(Condition::getMessage)));
        }
      }
    }
    if (incomplete) {
      conditions.set("Reconciling", Status.True, "Observing", observing);
    }
    var unsafe = input.nodes().unsafe();
    if (!unsafe.isEmpty()) {
      conditions.set("KubeletConfigUnsafe", Status.True, "KubeletWouldNotComply", message(unsafe));
    }
    if (input.reports() != null) {
      input.reports().condition(conditions); // says nothing about compliance
    }
  }

  private static void ready(
      CompiledPolicy policy,
      Conditions conditions,
      Trouble trouble,
      String observing,
      int waiting) {
    if (trouble != null) {
      conditions.set("Ready", Status.False, trouble.reason(), trouble.message());
    } else if (!observing.isEmpty()) {
      conditions.set("Ready", Status.Unknown, "Observing", observing);
    } else {
      conditions.set(
          "Ready",
          Status.True,
          policy.enforces() ? "Enforced" : "Audited",
          (policy.enforces()
                  ? "the policy is enforced"
                  : "the policy is evaluated; mode Audit changes nothing")
              + (waiting == 0
                  ? ""
                  : "; "
                      + CountMessage.of(waiting, "namespace")
                      + (waiting == 1 ? " waits" : " wait")
                      + " because pods would be rejected there"));
    }
  }

  /// The condition of an area without any object.
  ///
  /// @param objects `namespace` or `node`
  /// @param overruled whether policies of higher priority govern all objects that match
  static Status empty(Conditions conditions, String type, String objects, boolean overruled) {
    return overruled
        ? conditions.set(
            type,
            Status.True,
            "Compliant",
            "policies of higher priority govern every " + objects + " that the policy selects")
        : conditions.set(
            type,
            Status.Unknown,
            NOTHING_SELECTED,
            "spec.%ss.selector matches no %s".formatted(objects, objects));
  }

  private static Status notRequested(Conditions conditions, String type, String field) {
    return conditions.set(type, Status.True, "NotRequested", "the policy has no " + field);
  }

  private static CgroupPolicyStatus invalid(CompiledPolicy policy, Conditions conditions) {
    var message = message(policy.problems());
    conditions.set("Ready", Status.False, "InvalidSpec", message);
    for (var type :
        List.of(
            "NamespacesCompliant",
            "WorkloadsCompliant",
            "NodesCompliant",
            "PressureNormal",
            "Compliant")) {
      conditions.set(type, Status.Unknown, "InvalidSpec", "see condition Ready");
    }
    conditions.set("Stalled", Status.True, "InvalidSpec", message);
    return new CgroupPolicyStatus(
        policy.generation(), conditions.list(), null, null, null, null, null, 0, null, List.of());
  }

  private static String message(List<Problem> problems) {
    return problems.stream().map(Object::toString).collect(Collectors.joining("; "));
  }
}
