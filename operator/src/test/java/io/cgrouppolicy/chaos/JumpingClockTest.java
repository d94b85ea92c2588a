package io.cgrouppolicy.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Date;
import org.junit.jupiter.api.Test;

class JumpingClockTest {
  /// Prints the time in four ways, and then the monotonic time, for each line of its input.
  static final class Clocks {
    public static void main(String[] args) throws IOException {
      var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      do {
        print();
      } while (input.readLine() != null);
    }

    /// Not in the loop: an agent cannot change a method that is running.
    private static void print() {
      System.out.printf(
          "%d %d %d %d %d%n",
          System.currentTimeMillis(),
          Instant.now().toEpochMilli(),
          InstantSource.system().millis(),
          new Date().getTime(),
          System.nanoTime() / 1_000_000);
    }
  }

  @Test
  void movesTheWallClockAndNothingElse() throws IOException {
    var process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Clocks.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (var output = process.inputReader();
        var input = process.outputWriter()) {
      var before = read(output.readLine());
      for (var hours : new int[] {1, -1, 0}) {
        JumpingClock.set(process.pid(), Duration.ofHours(hours));
        input.write("\n");
        input.flush();
        var after = read(output.readLine());
        for (int i = 0; i < 4; i++) {
          assertThat(after[i] - before[i])
              .as("clock %d, %d h", i, hours)
              .isCloseTo(Duration.ofHours(hours).toMillis(), within(60_000L));
        }
        assertThat(after[4] - before[4]).isBetween(0L, 60_000L);
      }
    } finally {
      process.destroyForcibly();
    }
  }

  private static long[] read(String line) {
    return Arrays.stream(line.split(" ")).mapToLong(Long::parseLong).toArray();
  }
}
