package io.cgrouppolicy.cli.output;

import io.cgrouppolicy.core.check.Check.Severity;
import io.cgrouppolicy.core.check.DisplayText;
import java.io.PrintWriter;
import picocli.CommandLine.Help.Ansi;

/// Text for a reader, with colors if the terminal has them.
record Terminal(PrintWriter out, Ansi ansi) {
  /// Nothing that a cluster says may control the terminal.
  static String printable(String text) {
    return DisplayText.printable(text, "?");
  }

  void line(String format, Object... args) {
    out.println(format.formatted(args).stripTrailing());
  }

  void blank() {
    out.println();
  }

  String severity(Severity severity) {
    var style =
        switch (severity) {
          case Critical -> "bold,red";
          case High -> "red";
          case Medium -> "yellow";
          case Low -> "cyan";
        };
    return styled(style, severity.name());
  }

  String bold(String text) {
    return styled("bold", text);
  }

  String styled(String style, String text) {
    return ansi.enabled()
        ? Ansi.Style.on(Ansi.Style.parse(style)) + text + Ansi.Style.off(Ansi.Style.parse(style))
        : text;
  }
}
