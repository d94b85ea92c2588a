package io.cgrouppolicy.testing;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// A program in hack/tools, for the gates (`make verify`).
public final class Tool {
  private final Path program;

  private Tool(Path program) {
    this.program = program;
  }

  /// Returns the program in this folder of hack/tools, and builds it if it is missing.
  public static Tool named(String name) {
    return new Tool(Path.of(tools("path", name)));
  }

  /// Where the program is, for other programs that run it.
  public Path program() {
    return program;
  }

  /// The source directory of a Go module that a tool is built from.
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

  /// Runs the tool in the root of the repository until it ends. Its stdin is not a pipe, because
  /// operator-sdk would read manifests from one.
  public Command.Answer run(String... arguments) {
    return Command.run(
        new ProcessBuilder(command(program.toString(), arguments))
            .redirectInput(new File("/dev/null"))
            .redirectErrorStream(true));
  }

  /// Like `run`, for commands that must succeed.
  ///
  /// @return the output
  public String succeed(String... arguments) {
    return run(arguments).success();
  }

  /// Runs the tool in the background until the caller stops it; discards its output.
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
