package io.cgrouppolicy.cli.audit;

import static java.util.Objects.requireNonNullElse;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.Violation;
import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.report.PolicyReport;
import io.cgrouppolicy.report.Report.PolicyProblem;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The status that the operator wrote to a policy.
public final class Stored {
  private static final String ORIGIN = "cluster";

  /// Conditions that say, while they are true, that something is wrong with the policy itself.
  private static final Set<String> ABNORMAL = Set.of("Stalled", "KubeletConfigUnsafe");

  private static final Set<String> KNOWN =
      Stream.of(Check.values()).map(Check::name).collect(Collectors.toSet());

  private Stored() {}

  public static PolicyReport report(CgroupPolicy policy) {
    var status = policy.getStatus();
    var mode = policy.getSpec() == null ? null : policy.getSpec().mode();
    return new PolicyReport(
        policy.getMetadata().getName(),
        ORIGIN,
        mode == null ? "Audit" : mode.name(),
        status == null
            ? new CgroupPolicyStatus(
                null, List.of(), null, null, null, null, null, 0, Map.of(), List.of())
            : new CgroupPolicyStatus(
                status.observedGeneration(),
                requireNonNullElse(status.conditions(), List.of()),
                status.namespaces(),
                status.workloads(),
                status.preview(),
                status.nodes(),
                status.pressure(),
                requireNonNullElse(status.violationCount(), 0),
                requireNonNullElse(status.violationsByCheck(), Map.of()),
                requireNonNullElse(status.violations(), List.of())));
  }

  /// Why the policy's status may not be what the reader expects.
  public static List<PolicyProblem> problems(CgroupPolicy policy) {
    var name = policy.getMetadata().getName();
    var status = policy.getStatus();
    var observed = status == null ? null : status.observedGeneration();
    if (observed == null || observed < 0) {
      return List.of(
          new PolicyProblem(ORIGIN, name, "no operator has seen the policy: check that one runs"));
    }
    var problems = new ArrayList<PolicyProblem>();
    if (!observed.equals(policy.getMetadata().getGeneration())) {
      problems.add(
          new PolicyProblem(
              ORIGIN,
              name,
              "the status is of generation %d, but the policy has generation %d"
                  .formatted(observed, policy.getMetadata().getGeneration())));
    }
    for (var condition : requireNonNullElse(status.conditions(), List.<Condition>of())) {
      boolean ready = condition.getType().equals("Ready");
      if (ready && !condition.getStatus().equals("True")
          || ABNORMAL.contains(condition.getType()) && condition.getStatus().equals("True")) {
        problems.add(
            new PolicyProblem(
                ORIGIN,
                name,
                "%s %s: %s"
                    .formatted(
                        condition.getType(),
                        ready ? "is not true" : condition.getReason(),
                        condition.getMessage())));
      }
    }
    return problems;
  }

  /// Checks of a newer operator.
  public static List<PolicyProblem> unknown(PolicyReport report) {
    return report.status().violationsByCheck().entrySet().stream()
        .filter(e -> !KNOWN.contains(e.getKey()))
        .map(
            e ->
                new PolicyProblem(
                    report.origin(),
                    report.policy(),
                    "check %s is not known to this version of kubectl cgp: update it to see %s"
                        .formatted(
                            e.getKey(),
                            e.getValue() == 1 ? "1 violation" : e.getValue() + " violations")))
        .toList();
  }

  /// The report without the violations of checks of a newer operator.
  public static PolicyReport known(PolicyReport report) {
    if (KNOWN.containsAll(report.status().violationsByCheck().keySet())) {
      return report;
    }
    var status = report.status();
    var byCheck = new TreeMap<>(status.violationsByCheck());
    byCheck.keySet().retainAll(KNOWN);
    return new PolicyReport(
        report.policy(),
        report.origin(),
        report.mode(),
        new CgroupPolicyStatus(
            status.observedGeneration(),
            status.conditions(),
            status.namespaces(),
            status.workloads(),
            status.preview(),
            status.nodes(),
            status.pressure(),
            byCheck.values().stream().mapToInt(count -> count).sum(),
            byCheck,
            status.violations().stream().filter(v -> KNOWN.contains(v.check())).toList()));
  }

  /// The checks of which the status lists only a part.
  public static Set<String> cut(PolicyReport report) {
    var listed =
        report.status().violations().stream()
            .collect(Collectors.groupingBy(Violation::check, Collectors.counting()));
    return report.status().violationsByCheck().entrySet().stream()
        .filter(e -> listed.getOrDefault(e.getKey(), 0L) < e.getValue())
        .map(Map.Entry::getKey)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /// The report with all violations of the checks of which the status lists only a part.
  ///
  /// @param evaluated what the policy says of the cluster now
  public static PolicyReport completed(PolicyReport report, CgroupPolicyStatus evaluated) {
    var cut = cut(report);
    var status = report.status();
    var violations =
        Stream.concat(
                status.violations().stream().filter(found -> !cut.contains(found.check())),
                evaluated.violations().stream().filter(found -> cut.contains(found.check())))
            .sorted(
                Comparator.comparing((Violation found) -> Check.valueOf(found.check()).severity())
                    .thenComparing(Violation::check))
            .toList();
    return new PolicyReport(
        report.policy(),
        "%s; its status lists %,d of %,d violations, so %s were evaluated now"
            .formatted(
                report.origin(),
                status.violations().size(),
                status.violationCount(),
                String.join(", ", cut)),
        report.mode(),
        new CgroupPolicyStatus(
            status.observedGeneration(),
            status.conditions(),
            status.namespaces(),
            status.workloads(),
            status.preview(),
            status.nodes(),
            status.pressure(),
            violations.size(),
            PolicyReport.count(violations),
            violations));
  }
}
