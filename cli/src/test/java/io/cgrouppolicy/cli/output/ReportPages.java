package io.cgrouppolicy.cli.output;

import io.cgrouppolicy.report.Report;
import io.cgrouppolicy.report.ReportFixture;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Help.Ansi;

/// Writes the pages that `make test-report` opens in a browser, as the commands do.
public final class ReportPages {
  private ReportPages() {}

  /// @param args the directory
  public static void main(String[] args) throws IOException {
    var directory = Files.createDirectories(Path.of(args[0]));
    write(directory.resolve("report.html"), ReportFixture.report());
    write(directory.resolve("manifests.html"), ReportFixture.manifests());
    write(directory.resolve("compliant.html"), ReportFixture.compliant());
    write(directory.resolve("large.html"), ReportFixture.large(10_000));
  }

  private static void write(Path file, Report report) throws IOException {
    try (var out = new PrintWriter(file.toFile(), StandardCharsets.UTF_8)) {
      Format.html.write(report, out, Ansi.OFF);
    }
  }
}
