package io.cgrouppolicy.delivery.olm;

import io.cgrouppolicy.delivery.image.BundleImage;
import java.nio.file.Files;
import java.nio.file.Path;

/// `make bundle`: the bundle of a release, in a separate directory, and pushed if `BUNDLE_IMAGE` is
/// set.
public final class BundleProgram {
  private BundleProgram() {}

  /// Reads `BUNDLE_DIR` and `BUNDLE_IMAGE` from the environment, and what [BundleRelease#of] reads.
  public static void main(String[] arguments) throws Exception {
    var release = BundleRelease.of(System.getenv());
    var directory = Path.of(setting("BUNDLE_DIR", "target/olm-bundle"));
    if (Files.exists(directory.resolve("manifests"))) {
      System.err.println("error: " + directory + " already has a bundle; set another BUNDLE_DIR");
      System.exit(1);
    }
    new OlmBundle(release, directory).write();
    System.out.println("wrote " + release.name() + " to " + directory);
    var image = setting("BUNDLE_IMAGE", "");
    if (!image.isEmpty()) {
      System.out.println(BundleImage.push(directory, image));
    }
  }

  private static String setting(String name, String otherwise) {
    var value = System.getenv(name);
    return value == null || value.isBlank() ? otherwise : value;
  }
}
