package io.cgrouppolicy.delivery.argocd;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The policies of config/samples, as files that somebody could have in Git.
final class Samples {
  private Samples() {}

  /// Those that hold a policy and nothing else.
  static List<Path> files() {
    try (var files = Files.walk(Path.of("config/samples"))) {
      var policies =
          files
              .filter(file -> file.toString().endsWith(".yaml"))
              .filter(file -> text(file).contains("kind: CgroupPolicy"))
              .sorted()
              .toList();
      if (policies.isEmpty()) {
        throw new IllegalStateException("there are no samples");
      }
      return policies;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Untyped, so that nothing is added or dropped.
  static GenericKubernetesResource read(Path file) {
    return Serialization.unmarshal(text(file), GenericKubernetesResource.class);
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
