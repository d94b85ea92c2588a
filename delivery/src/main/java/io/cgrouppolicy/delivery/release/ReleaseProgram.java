package io.cgrouppolicy.delivery.release;

import io.cgrouppolicy.delivery.olm.BundleRelease;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// `make release`: what a release publishes, in target/release.
public final class ReleaseProgram {
  private static final Path DIRECTORY = Path.of("target/release");

  private ReleaseProgram() {}

  /// Reads `IMAGE` and `CLI` from the environment, and what [BundleRelease#of] does.
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
      var cli = cli(System.getenv().getOrDefault("CLI", ""));
      var bundle = BundleRelease.of(System.getenv()).withImage(released.reference());
      new Release(released, bundle, cli).write(DIRECTORY);
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

  private static Optional<CliArchives> cli(String directory) throws IOException {
    if (directory.isBlank()) {
      return Optional.empty();
    }
    var archives = CliArchives.in(Path.of(directory));
    for (var platform : archives.missing()) {
      System.out.printf(
          "Without kubectl cgp for %s: there is no %s in %s.%n",
          platform, platform.archive(), directory);
    }
    return Optional.of(archives);
  }
}
