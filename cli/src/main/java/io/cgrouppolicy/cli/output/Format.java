package io.cgrouppolicy.cli.output;

import io.cgrouppolicy.report.Report;
import io.cgrouppolicy.report.html.HtmlWriter;
import java.io.PrintWriter;
import java.time.Instant;
import picocli.CommandLine.Help.Ansi;

/// How a report is written.
public enum Format {
  table((report, out, ansi) -> new TableWriter(out, ansi, TableWriter.SHORT).write(report)),
  wide((report, out, ansi) -> new TableWriter(out, ansi, Integer.MAX_VALUE).write(report)),
  json((report, out, ansi) -> DataWriter.json(report, out)),
  yaml((report, out, ansi) -> DataWriter.yaml(report, out)),
  markdown((report, out, ansi) -> MarkdownWriter.write(report, out)),
  junit((report, out, ansi) -> JUnitWriter.write(report, out)),
  sarif((report, out, ansi) -> SarifWriter.write(report, out)),
  html((report, out, ansi) -> out.print(HtmlWriter.write(report, Instant.now())));

  private interface Writer {
    void write(Report report, PrintWriter out, Ansi ansi);
  }

  private final Writer writer;

  Format(Writer writer) {
    this.writer = writer;
  }

  /// Whether the report needs its inventory, which takes time.
  public boolean listsInventory() {
    return this == html;
  }

  /// @param ansi whether to use colors
  public void write(Report report, PrintWriter out, Ansi ansi) {
    writer.write(report, out, ansi);
  }
}
