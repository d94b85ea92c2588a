package io.cgrouppolicy.cli;

import io.cgrouppolicy.cli.output.Format;
import io.cgrouppolicy.core.check.Check.Severity;
import io.cgrouppolicy.report.Report;
import java.io.PrintWriter;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Option;

/// What all commands that report share: how to write it, what counts as an error, and their help.
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

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this help.")
  private boolean help;

  void write(Report report, PrintWriter out) {
    format.write(report, out, Ansi.AUTO);
    out.flush();
  }

  /// Whether the report needs its inventory.
  boolean listsInventory() {
    return format.listsInventory();
  }

  /// Whether there are findings that are an error.
  boolean fails(Report report) {
    return !report.problems().isEmpty() || report.atLeast(failOn) > 0;
  }
}
