package io.cgrouppolicy.delivery.olm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// `make bundle`: the bundle of a release, in a separate directory.
public final class BundleProgram {
  private BundleProgram() {}

  /// Reads `BUNDLE_DIR`, `IMAGE`, `SCORECARD_IMAGE`, `REPLACES`, `SKIP_RANGE` and `MONITORING` from
  /// the environment; see [BundleRelease]. Defaults are those of the committed bundle.
  public static void main(String[] arguments) throws IOException {
    var committed = BundleRelease.committed();
    var release =
        new BundleRelease(
            committed.version(),
            setting("IMAGE", committed.image()),
            setting("SCORECARD_IMAGE", committed.scorecardImage()),
            setting("REPLACES", null),
            setting("SKIP_RANGE", null),
            flag(setting("MONITORING", "true")),
            committed.createdAt());
    var directory = Path.of(setting("BUNDLE_DIR", "target/olm-bundle"));
    if (Files.exists(directory.resolve("manifests"))) {
      System.err.println("error: " + directory + " already has a bundle; set another BUNDLE_DIR");
      System.exit(1);
    }
    new OlmBundle(release, directory).write();
    System.out.println("wrote " + release.name() + " to " + directory);
  }

  private static String setting(String name, String otherwise) {
    var value = System.getenv(name);
    return value == null || value.isBlank() ? otherwise : value;
  }

  private static boolean flag(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default ->
          throw new IllegalArgumentException("MONITORING must be true or false, not " + text);
    };
  }
}
