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
/// @param file its name; several policies may share one
public record Sample(String file, String yaml) {
  private static final Path DIRECTORY = Path.of("config/samples");

  /// All of them, by file. What is in there besides the kustomization is taken for policies.
  public static List<Sample> all() throws IOException {
    var samples = new ArrayList<Sample>();
    try (var files = Files.list(DIRECTORY)) {
      for (var file : files.sorted().toList()) {
        var name = file.getFileName().toString();
        if (!name.equals("kustomization.yaml")) {
          Yaml.documents(Files.readString(file))
              .forEach(yaml -> samples.add(new Sample(name, yaml)));
        }
      }
    }
    return samples;
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
