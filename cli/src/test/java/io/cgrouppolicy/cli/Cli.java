package io.cgrouppolicy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.PrintWriter;
import java.io.StringWriter;

/// Runs a command in this JVM.
record Cli(int exitCode, String out, String err) {
  static Cli run(String... args) {
    var out = new StringWriter();
    var err = new StringWriter();
    var line =
        KubectlCgp.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err, true));
    int code = line.execute(args);
    return new Cli(code, out.toString(), err.toString());
  }

  JsonNode json() {
    return Serialization.unmarshal(out, JsonNode.class);
  }
}
