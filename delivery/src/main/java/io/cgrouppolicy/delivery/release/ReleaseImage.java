package io.cgrouppolicy.delivery.release;

import io.cgrouppolicy.delivery.image.OperatorImage;
import java.io.IOException;
import java.nio.file.Files;
import java.util.regex.Pattern;

/// The operator's image, by digest, so that what is installed is what was released.
///
/// @param registry the registry and the path in it; "" if the reference names none
/// @param repository the last part of the name
/// @param digest `sha256:...`
record ReleaseImage(String registry, String repository, String digest) {
  private static final Pattern REFERENCE =
      Pattern.compile("(?:(.+)/)?([a-z0-9][a-z0-9._-]*)(?::[^:/@]+)?@(sha256:[0-9a-f]{64})");

  /// @param image as `make image` prints it, or `tar:PATH` for one that it wrote to a file
  /// @throws IllegalArgumentException when it names no digest
  static ReleaseImage of(String image) throws IOException {
    if (image.startsWith("tar:")) {
      return of(Files.readString(OperatorImage.reference(image)).strip());
    }
    var parts = REFERENCE.matcher(image);
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "IMAGE=" + image + " has no digest; name it as 'make image' prints it: NAME@sha256:...");
    }
    return new ReleaseImage(
        parts.group(1) == null ? "" : parts.group(1), parts.group(2), parts.group(3));
  }

  /// Without the digest.
  String name() {
    return registry.isEmpty() ? repository : registry + "/" + repository;
  }

  String reference() {
    return name() + "@" + digest;
  }
}
