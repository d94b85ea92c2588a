package io.cgrouppolicy.delivery.argocd;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The policies of config/samples, as files that somebody could have in Git.
final class Samples {
  private Samples() {}

  private static final Path SPLIT = Path.of("target/samples");

  /// Those that hold policies and nothing else; one file each, also where several share one.
  static List<Path> files() {
    try (var files = Files.walk(Path.of("config/samples"))) {
      var policies = new ArrayList<Path>();
      for (var file :
          files
              .filter(file -> file.toString().endsWith(".yaml"))
              .filter(file -> text(file).contains("kind: CgroupPolicy"))
              .sorted()
              .toList()) {
        policies.addAll(split(file));
      }
      if (policies.isEmpty()) {
        throw new IllegalStateException("there are no samples");
      }
      return policies;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Path> split(Path file) throws IOException {
    var documents = text(file).split("(?m)^---$");
    if (documents.length == 1) {
      return List.of(file);
    }
    Files.createDirectories(SPLIT);
    var parts = new ArrayList<Path>();
    for (int i = 0; i < documents.length; i++) {
      if (documents[i].contains("kind: CgroupPolicy")) {
        parts.add(Files.writeString(SPLIT.resolve(i + "-" + file.getFileName()), documents[i]));
      }
    }
    return parts;
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
