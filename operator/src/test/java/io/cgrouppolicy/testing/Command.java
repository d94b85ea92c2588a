package io.cgrouppolicy.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Runs a program until it ends and captures its output.
public final class Command {
  private Command() {}

  /// @param output stdout and stderr, unless stderr is redirected
  public record Answer(List<String> command, int status, String output) {
    /// Returns the output of a program that must succeed.
    ///
    /// @throws AssertionError with the output, if it failed
    public String success() {
      if (status != 0) {
        throw new AssertionError(
            "%s: exit status %d%n%s".formatted(String.join(" ", command), status, output));
      }
      return output;
    }
  }

  /// Runs with both streams merged and no stdin.
  public static Answer run(String... command) {
    return run(new ProcessBuilder(command).redirectErrorStream(true));
  }

  /// Like `run`, for programs that must succeed.
  ///
  /// @return the output
  public static String succeed(String... command) {
    return run(command).success();
  }

  /// Runs without stdin, unless it is redirected.
  public static Answer run(ProcessBuilder builder) {
    try {
      var process = builder.start();
      process.getOutputStream().close();
      var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(2, TimeUnit.MINUTES)) {
        throw new AssertionError(builder.command() + " does not end\n" + output);
      }
      return new Answer(builder.command(), process.exitValue(), output);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
