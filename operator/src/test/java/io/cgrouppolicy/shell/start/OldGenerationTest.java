package io.cgrouppolicy.shell.start;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.OperatorModule;
import io.cgrouppolicy.testing.OperatorProcess;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryType;
import java.util.ArrayDeque;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The heap of a JVM with the operator's flags in which much garbage lives for a while.
class OldGenerationTest {
  private static final int MIB = 1 << 20;

  @Test
  void garbageDoesNotFillTheHeap() throws Exception {
    assertThat(mostCommitted("watched")).isLessThan(150);
    assertThat(mostCommitted("alone")).as("what the JVM does by itself").isGreaterThan(180);
  }

  @Test
  void aHeapInUseIsNotCollectedAllTheTime() {
    long max = 224L * MIB;
    assertThat(OldGeneration.threshold(100L * MIB, max)).isEqualTo(150L * MIB);
    assertThat(OldGeneration.threshold(0, max)).isGreaterThan(64L * MIB);
    assertThat(OldGeneration.threshold(200L * MIB, max)).as("the JVM rejects more").isEqualTo(max);
  }

  private static long mostCommitted(String how) throws Exception {
    var command =
        Stream.concat(
                OperatorProcess.command(OperatorModule.PACKAGED, List.of()).stream()
                    .takeWhile(argument -> !argument.equals("-jar")),
                Stream.of(
                    "-cp", System.getProperty("java.class.path"), Garbage.class.getName(), how))
            .toList();
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    var lines = process.inputReader().lines().toList();
    assertThat(process.waitFor()).as("%s", lines).isZero();
    return Long.parseLong(lines.getLast());
  }

  /// Keeps the last 40 of 800 MiB, and prints the most MiB of old generation committed.
  static final class Garbage {
    private Garbage() {}

    public static void main(String[] args) throws Exception {
      if (args[0].equals("watched")) {
        OldGeneration.watch();
      }
      var old =
          ManagementFactory.getMemoryPoolMXBeans().stream()
              .filter(p -> p.getType() == MemoryType.HEAP && p.isUsageThresholdSupported())
              .findFirst()
              .orElseThrow();
      long most = 0;
      var kept = new ArrayDeque<byte[]>();
      for (int mib = 0; mib < 800; mib++) {
        for (int i = 0; i < 64; i++) {
          kept.add(new byte[MIB / 64]);
        }
        while (kept.size() > 40 * 64) {
          kept.remove();
        }
        most = Math.max(most, old.getUsage().getCommitted());
        Thread.sleep(2); // as a collection begins on another thread
      }
      System.out.println(most / MIB);
    }
  }
}
