package io.cgrouppolicy.cli.manifest;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/// Reads objects in YAML or JSON: several documents in a file, and lists.
public final class ManifestFile {
  private static final String STDIN = "-";

  private static final KubernetesSerialization SERIALIZATION = new KubernetesSerialization();

  static {
    SERIALIZATION.registerKubernetesResource(CgroupPolicy.class);
  }

  private ManifestFile() {}

  /// An object, and the file that it comes from.
  public record Found(String file, HasMetadata object) {}

  /// The file cannot be read or parsed. The message is for the user.
  public static final class UnreadableException extends Exception {
    UnreadableException(String message) {
      super(message);
    }
  }

  /// @param path of a file, of a directory, whose `.yaml`, `.yml` and `.json` files are read, or
  ///     `-` for stdin
  /// @throws UnreadableException also for a document that is no Kubernetes object, except in a
  ///     directory, where there may be a kustomization or the values of a chart
  public static List<Found> read(String path, InputStream stdin) throws UnreadableException {
    try {
      if (path.equals(STDIN)) {
        return parse("stdin", stdin.readAllBytes());
      }
      if (!Files.isDirectory(Path.of(path))) {
        return parse(path, Files.readAllBytes(Path.of(path)));
      }
      var found = new ArrayList<Found>();
      for (var file : files(Path.of(path))) {
        found.addAll(parse(file.toString(), Files.readAllBytes(file), false));
      }
      return found;
    } catch (IOException e) {
      throw new UnreadableException("cannot read " + path + ": " + e);
    }
  }

  private static List<Path> files(Path directory) throws IOException {
    try (var files = Files.walk(directory)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> file.toString().matches(".*\\.(ya?ml|json)"))
          .sorted()
          .toList();
    }
  }

  /// @param file for messages
  public static List<Found> parse(String file, byte[] text) throws UnreadableException {
    return parse(file, text, true);
  }

  private static List<Found> parse(String file, byte[] text, boolean strict)
      throws UnreadableException {
    try {
      Object read = SERIALIZATION.unmarshal(new String(text, StandardCharsets.UTF_8));
      return objects(read, strict).map(object -> new Found(file, object)).toList();
    } catch (RuntimeException e) {
      throw new UnreadableException("cannot parse " + file + ": " + firstLine(e));
    }
  }

  private static Stream<HasMetadata> objects(Object read, boolean strict) {
    return switch (read) {
      case null -> Stream.of();
      case KubernetesResourceList<?> list -> objects(list.getItems(), strict);
      case Collection<?> list -> list.stream().flatMap(object -> objects(object, strict));
      case HasMetadata object when object.getKind() != null && object.getMetadata() != null ->
          Stream.of(object);
      default -> {
        if (strict) {
          throw new IllegalArgumentException("a document is no Kubernetes object");
        }
        yield Stream.of();
      }
    };
  }

  private static String firstLine(Throwable thrown) {
    var root = thrown;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    var message = root.getMessage() == null ? root.toString() : root.getMessage();
    return message.lines().limit(2).reduce((a, c) -> a + " " + c.strip()).orElse("");
  }
}
