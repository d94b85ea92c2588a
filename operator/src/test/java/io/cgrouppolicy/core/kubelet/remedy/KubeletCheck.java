package io.cgrouppolicy.core.kubelet.remedy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cgrouppolicy.testing.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/// Runs hack/local-cluster/kubeletcheck, which has the kubelet's own types and validation.
final class KubeletCheck {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String program;

  KubeletCheck() throws IOException {
    program = run(List.of("hack/local-cluster/cluster.sh", "kubeletcheck-path"), "").strip();
  }

  /// The kubelet's errors for each drop-in: `strict`, `decoding` and `refused`, each only if there
  /// are any.
  List<JsonNode> check(List<? extends JsonNode> dropIns) throws IOException {
    var input = new StringBuilder();
    dropIns.forEach(dropIn -> input.append(dropIn).append('\n'));
    var verdicts = new ArrayList<JsonNode>();
    for (var line : run(List.of(program), input.toString()).lines().toList()) {
      verdicts.add(JSON.readTree(line));
    }
    if (verdicts.size() != dropIns.size()) {
      throw new IllegalStateException(verdicts.size() + " answers to " + dropIns.size());
    }
    return verdicts;
  }

  String fields() throws IOException {
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
