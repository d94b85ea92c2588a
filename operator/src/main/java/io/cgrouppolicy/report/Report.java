package io.cgrouppolicy.report;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.Violation;
import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.Check.Severity;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// What a command found.
///
/// @param subject what was looked at, such as `cluster https://...`
/// @param problems of policies among manifests
/// @param unseen what could not be read
/// @param files the manifests that objects come from, by [#key]; empty for a cluster
/// @param inventory of the cluster or the manifests; NONE if no writer needs it
public record Report(
    String subject,
    List<PolicyProblem> problems,
    List<PolicyReport> policies,
    List<Unseen> unseen,
    Map<String, String> files,
    Inventory inventory) {

  /// A report without an inventory.
  public Report(
      String subject,
      List<PolicyProblem> problems,
      List<PolicyReport> policies,
      List<Unseen> unseen,
      Map<String, String> files) {
    this(subject, problems, policies, unseen, files, Inventory.NONE);
  }

  /// A problem of a policy among manifests.
  public record PolicyProblem(String file, String policy, String text) {
    @Override
    public String toString() {
      return "%s: policy %s: %s".formatted(file, policy, text);
    }
  }

  /// Identifies an object among manifests.
  public static String key(String kind, String namespace, String name) {
    return kind + "/" + (namespace == null ? "" : namespace + "/") + name;
  }

  /// The number of violations of this severity, or a higher one.
  public long atLeast(Severity severity) {
    return policies.stream()
        .flatMap(Report::violations)
        .filter(found -> check(found).severity().compareTo(severity) <= 0)
        .count();
  }

  public static Stream<Violation> violations(PolicyReport policy) {
    return policy.status().violations().stream();
  }

  public static Check check(Violation violation) {
    return Check.valueOf(violation.check());
  }

  /// The violations of a policy by check, the most severe first.
  public static Map<Check, List<Violation>> byCheck(PolicyReport policy) {
    var grouped = new LinkedHashMap<Check, List<Violation>>();
    violations(policy)
        .forEach(found -> grouped.computeIfAbsent(check(found), c -> new ArrayList<>()).add(found));
    return grouped;
  }

  public boolean isUnseen(Area area) {
    return unseen.stream().anyMatch(lack -> lack.area() == area);
  }
}
