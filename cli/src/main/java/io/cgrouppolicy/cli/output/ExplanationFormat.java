package io.cgrouppolicy.cli.output;

import io.cgrouppolicy.cli.explain.Explanation;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.PrintWriter;
import picocli.CommandLine.Help.Ansi;

/// How an explanation is written.
public enum ExplanationFormat {
  table((explanation, out, ansi) -> new ExplanationWriter(out, ansi).write(explanation)),
  json((explanation, out, ansi) -> out.println(new KubernetesSerialization().asJson(explanation))),
  yaml((explanation, out, ansi) -> out.print(new KubernetesSerialization().asYaml(explanation)));

  private interface Writer {
    void write(Explanation explanation, PrintWriter out, Ansi ansi);
  }

  private final Writer writer;

  ExplanationFormat(Writer writer) {
    this.writer = writer;
  }

  /// @param ansi whether to use colors
  public void write(Explanation explanation, PrintWriter out, Ansi ansi) {
    writer.write(explanation, out, ansi);
  }
}
