package io.cgrouppolicy.cli;

import io.cgrouppolicy.cli.output.Format;
import io.cgrouppolicy.cli.output.Report;
import io.cgrouppolicy.core.check.Check.Severity;
import java.io.PrintWriter;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Option;

/// How to write a report, and what counts as an error.
final class OutputOptions {
  @Option(
      names = {"-o", "--output"},
      defaultValue = "table",
      description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private Format format;

  @Option(
      names = "--fail-on",
      defaultValue = "Low",
      description =
          "The lowest severity with which findings are an error: ${COMPLETION-CANDIDATES}."
              + " Default: ${DEFAULT-VALUE}.")
  private Severity failOn;

  void write(Report report, PrintWriter out) {
    format.write(report, out, Ansi.AUTO);
    out.flush();
  }

  /// Whether there are findings that are an error.
  boolean fails(Report report) {
    return !report.problems().isEmpty() || report.atLeast(failOn) > 0;
  }
}
