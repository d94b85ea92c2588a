package io.cgrouppolicy.testing;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// A program of hack/tools, for the gates (`make verify`).
public final class Tool {
  private final Path program;

  private Tool(Path program) {
    this.program = program;
  }

  /// The program of that folder of hack/tools; built first where it is not there.
  public static Tool named(String name) {
    return new Tool(Path.of(tools("path", name)));
  }

  /// The directory of a Go module that a tool is made of.
  public static Path source(String tool, String module) {
    return Path.of(tools("source", tool, module));
  }

  private static String tools(String... arguments) {
    var builder =
        new ProcessBuilder(command("hack/tools/tools.sh", arguments))
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    return Command.run(builder).success().strip();
  }

  private static List<String> command(String program, String... arguments) {
    return Stream.concat(Stream.of(program), Stream.of(arguments)).toList();
  }

  /// Runs it to its end, in the root of the repository.
  public Command.Answer run(String... arguments) {
    return Command.run(
        new ProcessBuilder(command(program.toString(), arguments)).redirectErrorStream(true));
  }

  /// The same, where only success will do.
  ///
  /// @return what it printed
  public String succeed(String... arguments) {
    return run(arguments).success();
  }

  /// In the background, until the caller ends it; its output is thrown away.
  public Process start(String... arguments) throws IOException {
    var process =
        new ProcessBuilder(command(program.toString(), arguments))
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    return process;
  }
}
