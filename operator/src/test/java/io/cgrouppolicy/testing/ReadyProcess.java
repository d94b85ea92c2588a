package io.cgrouppolicy.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A script that prints `READY` and a word when it works. It watches its stdin and so ends when it
/// is closed or with the JVM, even if that is killed.
final class ReadyProcess implements AutoCloseable {
  private final Process process;
  private final String word;

  /// Returns when the script is ready.
  ///
  /// @param log for its stderr
  ReadyProcess(List<String> command, Path log) throws IOException {
    process = new ProcessBuilder(command).redirectError(log.toFile()).start();
    var reader =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    var line = reader.readLine();
    if (line == null || !line.startsWith("READY ")) {
      throw new IllegalStateException(
          String.join(" ", command) + " did not start:\n" + Files.readString(log));
    }
    word = line.substring("READY ".length());
  }

  String word() {
    return word;
  }

  /// Ends it, and waits up to ten seconds for that.
  @Override
  public void close() throws IOException {
    process.getOutputStream().close();
    try {
      process.waitFor(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
