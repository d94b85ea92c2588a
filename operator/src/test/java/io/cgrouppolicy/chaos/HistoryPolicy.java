package io.cgrouppolicy.chaos;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicySpec.DeletionPolicy;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicySpec.Mode;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicySpec.Rollout;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/// The spec of a policy in a history, from a few choices, so that policies meet each other often.
record HistoryPolicy(
    Mode mode,
    Rollout rollout,
    DeletionPolicy deletion,
    int priority,
    Selects selects,
    Objects objects,
    Size size,
    Exempt exempt,
    boolean workloads) {

  /// The namespaces of the history that the policy selects.
  enum Selects {
    All("{matchLabels: {history: ID}}"),
    TeamA("{matchLabels: {history: ID, team: a}}"),
    NotTeamA(
        "{matchLabels: {history: ID}, matchExpressions: [{key: team, operator: NotIn, values: [a]}]}");

    private final String selector;

    Selects(String selector) {
      this.selector = selector;
    }
  }

  /// What the policy puts into a namespace; MEMORY is its size.
  enum Objects {
    LimitRange(
        "limitRange: {limits: [{type: Container, default: {memory: MEMORY}, defaultRequest: {memory: 32Mi}}]}"),
    Bounds("limitRange: {limits: [{type: Container, max: {memory: MEMORY}}]}"),
    Quota("resourceQuota: {hard: {pods: PODS}}"),
    Both(
        "limitRange: {limits: [{type: Container, default: {memory: MEMORY}, defaultRequest: {memory: 32Mi}}]}",
        "resourceQuota: {hard: {pods: PODS, limits.memory: 100Gi}}"),
    Several(
        "limitRange: {limits: [{type: Container, default: {memory: MEMORY}}, {type: Pod, max: {memory: 8Gi}}]}",
        "resourceQuotas: [{name: one, hard: {configmaps: PODS}}, {name: SCOPE, hard: {pods: PODS}, scopes: [SCOPED]}]"),
    None(),
    /// Accepted by the schema, but impossible: its defaults exceed its ratio by less than the
    /// precision of the schema's arithmetic.
    Impossible(
        "limitRange: {limits: [{type: Container, default: {memory: 1000000000001},"
            + " defaultRequest: {memory: 500000000000}, maxLimitRequestRatio: {memory: 2}}]}");

    private final String[] lines;

    Objects(String... lines) {
      this.lines = lines;
    }
  }

  enum Size {
    Small("128Mi", 2, "Terminating"),
    Medium("512Mi", 4, "NotTerminating"),
    Large("1Gi", 50, "NotTerminating");

    private final String memory;
    private final int pods;
    private final String scope;

    Size(String memory, int pods, String scope) {
      this.memory = memory;
      this.pods = pods;
      this.scope = scope;
    }
  }

  /// Exceptions for findings of namespaces and pods.
  enum Exempt {
    None,
    Expired,
    ForASecond,
    Forever
  }

  /// @param id the history's
  String yaml(String id, String name) {
    var objects =
        String.join("\n    ", this.objects.lines)
            .replace("MEMORY", size.memory)
            .replace("PODS", "'" + size.pods + "'")
            .replace("SCOPED", size.scope)
            .replace("SCOPE", "two");
    return """
    apiVersion: cgroup-policy.io/v1alpha1
    kind: CgroupPolicy
    metadata: {name: %s}
    spec:
      mode: %s
      rollout: %s
      deletionPolicy: %s
      priority: %d
      contact: %s
      %s
      namespaces:
        selector: %s
        exclude: ["*-excluded"]
        %s
      %s
      %s
    """
        .formatted(
            name,
            mode,
            rollout,
            deletion,
            priority,
            size,
            size == Size.Large ? "documentation: https://example.test/large" : "",
            selects.selector.replace("ID", id),
            objects,
            workloads ? "workloads: {requireLimits: [memory]}" : "",
            exceptions(id));
  }

  private String exceptions(String id) {
    if (exempt == Exempt.None) {
      return "";
    }
    var expires =
        switch (exempt) {
          case Expired -> Instant.EPOCH;
          case ForASecond -> Instant.now().truncatedTo(ChronoUnit.SECONDS).plusSeconds(2);
          default -> Instant.now().truncatedTo(ChronoUnit.SECONDS).plusSeconds(86400);
        };
    var exceptions = new StringBuilder("exceptions:");
    for (var check :
        new String[] {
          "LimitRangeMissing",
          "LimitRangeDrifted",
          "LimitRangeConflict",
          "ResourceQuotaMissing",
          "MemoryLimitMissing"
        }) {
      exceptions.append(
          "\n  - {check: %s, namespaces: ['%s-*'], reason: test, expires: '%s'}"
              .formatted(check, id, expires));
    }
    return exceptions.toString();
  }
}
