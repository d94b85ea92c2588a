package io.cgrouppolicy.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A program that is run to its end, and what it said.
public final class Command {
  private Command() {}

  /// @param output what it printed: both streams, unless its errors go elsewhere
  public record Answer(List<String> command, int status, String output) {
    /// What it printed, where only success will do.
    ///
    /// @throws AssertionError with what it printed, when it failed
    public String success() {
      if (status != 0) {
        throw new AssertionError(
            "%s: exit status %d%n%s".formatted(String.join(" ", command), status, output));
      }
      return output;
    }
  }

  /// With both streams as one, and nothing to read.
  public static Answer run(String... command) {
    return run(new ProcessBuilder(command).redirectErrorStream(true));
  }

  /// The same, where only success will do.
  ///
  /// @return what it printed
  public static String succeed(String... command) {
    return run(command).success();
  }

  /// With nothing to read, unless it is from elsewhere.
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
