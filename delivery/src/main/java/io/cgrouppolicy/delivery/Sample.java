package io.cgrouppolicy.delivery;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A policy of config/samples.
///
/// @param file its path in there; several policies may share one
public record Sample(String file, String yaml) {
  public static final Path DIRECTORY = Path.of("config/samples");

  /// All samples, sorted by file. Every YAML file except the kustomization holds policies.
  public static List<Sample> all() throws IOException {
    var samples = new ArrayList<Sample>();
    try (var files = Files.walk(DIRECTORY)) {
      for (var path : files.sorted().toList()) {
        var file = DIRECTORY.relativize(path).toString();
        if (file.endsWith(".yaml") && !file.equals("kustomization.yaml")) {
          Yaml.documents(Files.readString(path))
              .forEach(yaml -> samples.add(new Sample(file, yaml)));
        }
      }
    }
    return samples;
  }

  /// The first policy of a file.
  public static Sample of(String file) throws IOException {
    return new Sample(file, Yaml.documents(Files.readString(DIRECTORY.resolve(file))).getFirst());
  }

  public CgroupPolicy policy() {
    return Serialization.unmarshal(yaml, CgroupPolicy.class);
  }

  public String name() {
    return policy().getMetadata().getName();
  }

  @Override
  public String toString() {
    return file + " " + name();
  }
}
