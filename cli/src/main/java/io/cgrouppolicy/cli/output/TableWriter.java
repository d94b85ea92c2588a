package io.cgrouppolicy.cli.output;

import static io.cgrouppolicy.cli.output.Terminal.printable;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.Violation;
import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.status.ViolationSummary;
import io.cgrouppolicy.report.AreaLine;
import io.cgrouppolicy.report.PolicyReport;
import io.cgrouppolicy.report.Report;
import java.io.PrintWriter;
import java.util.EnumMap;
import java.util.List;
import picocli.CommandLine.Help.Ansi;

/// Writes a report for a reader: the result by area, then the findings by check with what to do.
final class TableWriter {
  /// How many findings of a check the short form shows.
  static final int SHORT = 10;

  private final PrintWriter out;
  private final Terminal terminal;
  private final int most;

  /// @param most how many findings of a check to show
  TableWriter(PrintWriter out, Ansi ansi, int most) {
    this.out = out;
    this.terminal = new Terminal(out, ansi);
    this.most = most;
  }

  void write(Report report) {
    out.println(report.subject());
    if (!report.problems().isEmpty()) {
      out.println();
      out.println(terminal.bold("Problems of policies"));
      report.problems().forEach(problem -> out.println("  - " + printable(problem.toString())));
    }
    for (var policy : report.policies()) {
      out.println();
      policy(report, policy);
    }
    if (!report.unseen().isEmpty()) {
      out.println();
      out.println(terminal.bold("Not looked at"));
      for (var lack : report.unseen()) {
        out.println("  " + lack.area().title() + ": " + lack.why());
      }
    }
  }

  private void policy(Report report, PolicyReport policy) {
    out.println(terminal.bold("Policy " + policy.policy()) + " (" + policy.origin() + ")");
    for (var line : AreaLine.of(report, policy)) {
      out.printf("  %-11s %-11s %s%n", line.area(), line.verdict(), line.message());
    }
    var byCheck = Report.byCheck(policy);
    byCheck.forEach(
        (check, found) -> {
          out.println();
          check(check, found);
        });
    out.println();
    var counts = new EnumMap<Check, Integer>(Check.class);
    byCheck.forEach((check, found) -> counts.put(check, found.size()));
    out.println(counts.isEmpty() ? "No violations." : ViolationSummary.of(counts));
  }

  private void check(Check check, List<Violation> found) {
    out.println(
        terminal.severity(check.severity())
            + " "
            + terminal.bold(check.name())
            + ": "
            + check.meaning());
    found.stream()
        .limit(most)
        .forEach(violation -> out.println("  - " + printable(violation.message())));
    if (found.size() > most) {
      out.println("  - and " + (found.size() - most) + " more, with -o wide");
    }
    out.println("  What to do: " + check.advice());
  }
}
