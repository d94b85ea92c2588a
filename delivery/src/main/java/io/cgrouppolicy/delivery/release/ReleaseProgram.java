package io.cgrouppolicy.delivery.release;

import io.cgrouppolicy.delivery.olm.BundleRelease;
import java.io.IOException;
import java.nio.file.Path;

/// `make release`: what a release publishes, in target/release.
public final class ReleaseProgram {
  private static final Path DIRECTORY = Path.of("target/release");

  private ReleaseProgram() {}

  /// Reads `IMAGE` from the environment, and what [BundleRelease#of] does.
  public static void main(String[] arguments) throws IOException {
    var image = System.getenv().getOrDefault("IMAGE", "");
    if (image.isBlank()) {
      System.err.println(
          "error: make release needs IMAGE=REGISTRY/cgroup-policy-operator@sha256:..., as 'make"
              + " image' prints it, or IMAGE=tar:PATH of an image that it wrote to a file");
      System.exit(2);
    }
    try {
      var released = ReleaseImage.of(image);
      new Release(released, BundleRelease.of(System.getenv()).withImage(released.reference()))
          .write(DIRECTORY);
      if (released.registry().isEmpty()) {
        System.out.println(
            "A dry run: "
                + released.reference()
                + " names no registry, so no cluster can pull it.");
      }
      System.out.println("The release is in " + DIRECTORY + "; nothing in it is signed.");
    } catch (IllegalArgumentException e) {
      System.err.println("error: " + e.getMessage());
      System.exit(2);
    }
  }
}
