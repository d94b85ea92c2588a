package io.cgrouppolicy.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

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
    var command = new ArrayList<>(List.of("hack/tools/tools.sh"));
    command.addAll(List.of(arguments));
    var answer = run(command, ProcessBuilder.Redirect.INHERIT);
    if (answer.status() != 0) {
      throw new AssertionError(String.join(" ", command) + " failed: see above");
    }
    return answer.output().strip();
  }

  /// What a program printed, both streams, and its exit status.
  public record Answer(int status, String output) {}

  /// Runs it to its end, in the root of the repository.
  public Answer run(String... arguments) {
    var command = new ArrayList<>(List.of(program.toString()));
    command.addAll(List.of(arguments));
    return run(command, null);
  }

  /// The same, where only success will do.
  ///
  /// @return what it printed
  public String succeed(String... arguments) {
    var answer = run(arguments);
    if (answer.status() != 0) {
      throw new AssertionError(
          "%s %s: exit status %d\n%s"
              .formatted(
                  program.getFileName(),
                  String.join(" ", arguments),
                  answer.status(),
                  answer.output()));
    }
    return answer.output();
  }

  /// In the background, until the caller ends it; its output is thrown away.
  public Process start(String... arguments) throws IOException {
    var command = new ArrayList<>(List.of(program.toString()));
    command.addAll(List.of(arguments));
    var process =
        new ProcessBuilder(command)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    return process;
  }

  private static Answer run(List<String> command, ProcessBuilder.Redirect errors) {
    var builder = new ProcessBuilder(command);
    if (errors == null) {
      builder.redirectErrorStream(true);
    } else {
      builder.redirectError(errors);
    }
    try {
      var process = builder.start();
      process.getOutputStream().close();
      var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Answer(process.waitFor(), output);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
