package io.cgrouppolicy.testing;

import java.nio.file.Path;

/// The directory for clusters, logs and kubeconfigs of this JVM: `target/it`, or a subdirectory per
/// JVM if Maven runs several.
public final class WorkDirectory {
  private static final Path PATH =
      Path.of(System.getProperty("it.directory", "target/it")).toAbsolutePath();

  private WorkDirectory() {}

  public static Path resolve(String name) {
    return PATH.resolve(name);
  }
}
