package io.cgrouppolicy.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;

/// One benchmark at one size, as a program.
@FunctionalInterface
interface BenchProgram {
  ObjectNode run(int n) throws Exception;

  /// Runs it and ends the JVM; writes the result to `target/NAME-N.json`.
  ///
  /// @param args the size
  static void main(String[] args, String name, BenchProgram program) {
    int code = 1;
    try {
      int n = Integer.parseInt(args[0]);
      var result = program.run(n);
      var file = Path.of("target/" + name + "-" + n + ".json");
      new ObjectMapper().writerWithDefaultPrettyPrinter().writeValue(file.toFile(), result);
      System.out.println("as JSON: " + file);
      code = 0;
    } catch (Exception | AssertionError e) {
      e.printStackTrace();
    }
    System.exit(code); // clients leave threads behind
  }
}
