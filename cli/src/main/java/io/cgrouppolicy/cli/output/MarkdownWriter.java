package io.cgrouppolicy.cli.output;

import io.cgrouppolicy.core.check.DisplayText;
import io.cgrouppolicy.report.AreaLine;
import io.cgrouppolicy.report.Report;
import java.io.PrintWriter;

/// Writes a report in Markdown, for a pull request or a wiki.
final class MarkdownWriter {
  private MarkdownWriter() {}

  static void write(Report report, PrintWriter out) {
    out.println("# " + text(report.subject()));
    if (!report.problems().isEmpty()) {
      out.printf("%n## Problems of policies%n%n");
      report.problems().forEach(problem -> out.println("- " + text(problem.toString())));
    }
    for (var policy : report.policies()) {
      out.printf("%n## Policy %s (%s)%n%n", text(policy.policy()), text(policy.origin()));
      out.println("| area | verdict | |");
      out.println("|---|---|---|");
      for (var line : AreaLine.of(report, policy)) {
        out.printf("| %s | %s | %s |%n", line.area(), line.verdict(), text(line.message()));
      }
      Report.byCheck(policy)
          .forEach(
              (check, found) -> {
                out.printf("%n### %s: %s (%d)%n%n", check.severity(), check, found.size());
                out.println(text(check.meaning()) + " " + text(check.advice()) + "\n");
                found.forEach(violation -> out.println("- " + text(violation.message())));
              });
    }
    if (!report.unseen().isEmpty()) {
      out.printf("%n## Not looked at%n%n");
      report
          .unseen()
          .forEach(lack -> out.println("- " + lack.area().title() + ": " + text(lack.why())));
    }
  }

  /// Names and messages of a cluster must not become markup.
  private static String text(String raw) {
    return DisplayText.printable(raw, "?").replaceAll("([\\\\`*_{}\\[\\]<>#|])", "\\\\$1");
  }
}
