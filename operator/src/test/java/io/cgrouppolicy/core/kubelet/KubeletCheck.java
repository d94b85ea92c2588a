package io.cgrouppolicy.core.kubelet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cgrouppolicy.testing.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/// Runs hack/local-cluster/kubeletcheck, which has the kubelet's own types and validation.
public final class KubeletCheck {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String program;

  public KubeletCheck() throws IOException {
    program = run(List.of("hack/local-cluster/cluster.sh", "kubeletcheck-path"), "").strip();
  }

  /// For each configuration, what strict decoding says (`strict`), why a kubelet refuses it
  /// (`refused`) or what it has in force (`configz`), and the same for it as a drop-in (`dropIn`).
  public List<JsonNode> check(List<? extends JsonNode> configurations) throws IOException {
    var input = new StringBuilder();
    configurations.forEach(configuration -> input.append(configuration).append('\n'));
    var verdicts = new ArrayList<JsonNode>();
    for (var line : run(List.of(program), input.toString()).lines().toList()) {
      verdicts.add(JSON.readTree(line));
    }
    if (verdicts.size() != configurations.size()) {
      throw new IllegalStateException(verdicts.size() + " answers to " + configurations.size());
    }
    return verdicts;
  }

  public String fields() throws IOException {
    return run(List.of(program, "fields"), "");
  }

  private static String run(List<String> command, String input) throws IOException {
    var in = Files.createTempFile("kubeletcheck", ".jsonl");
    try {
      Files.writeString(in, input);
      var builder =
          new ProcessBuilder(command)
              .redirectInput(in.toFile())
              .redirectError(ProcessBuilder.Redirect.INHERIT);
      return Command.run(builder).success();
    } finally {
      Files.delete(in);
    }
  }
}
