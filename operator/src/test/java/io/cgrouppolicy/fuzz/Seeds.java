package io.cgrouppolicy.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/// Writes the inputs that a fuzzer starts from. Without them it would only try inputs of a few
/// bytes, which are policies and answers with hardly a change.
public final class Seeds {
  private static final int FILES = 100;

  private Seeds() {}

  /// @param arguments the directory for each target, and the seed
  public static void main(String[] arguments) throws IOException {
    long seed = Long.parseLong(arguments[1]);
    write(Path.of(arguments[0], "PolicyFuzz"), PolicyFuzz.LENGTH, seed);
    write(Path.of(arguments[0], "KubeletFuzz"), KubeletFuzz.LENGTH, seed);
  }

  private static void write(Path directory, int length, long seed) throws IOException {
    Files.createDirectories(directory);
    var random = new Random(seed);
    for (int i = 0; i < FILES; i++) {
      var bytes = new byte[length];
      random.nextBytes(bytes);
      Files.write(directory.resolve("seed-" + i), bytes);
    }
  }
}
