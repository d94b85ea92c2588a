package io.cgrouppolicy.testing;

import java.nio.file.Path;

/// Where the tests of this JVM keep clusters, logs and kubeconfigs: `target/it`, or a directory
/// below it for each JVM that Maven runs beside others.
public final class WorkDirectory {
  private static final Path PATH =
      Path.of(System.getProperty("it.directory", "target/it")).toAbsolutePath();

  private WorkDirectory() {}

  public static Path resolve(String name) {
    return PATH.resolve(name);
  }
}
