package io.cgrouppolicy.delivery.olm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cgrouppolicy.delivery.Yaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A bundle as an installer sees it: only its files.
///
/// @param csv the ClusterServiceVersion
/// @param manifests all others of manifests/, by file
public record BundleFiles(Path directory, ObjectNode csv, List<Manifest> manifests) {
  public record Manifest(Path file, ObjectNode object) {
    String kind() {
      return object.path("kind").asText();
    }

    String apiVersion() {
      return object.path("apiVersion").asText();
    }
  }

  public static BundleFiles read(Path directory) throws IOException {
    ObjectNode csv = null;
    var manifests = new ArrayList<Manifest>();
    try (var files = Files.list(directory.resolve("manifests"))) {
      for (var file : files.sorted().toList()) {
        var object = Yaml.read(file);
        if (Yaml.kind(object).equals("ClusterServiceVersion")) {
          csv = object;
        } else {
          manifests.add(new Manifest(file, object));
        }
      }
    }
    if (csv == null) {
      throw new IOException(directory + " has no ClusterServiceVersion");
    }
    return new BundleFiles(directory, csv, manifests);
  }

  String name() {
    return Yaml.name(csv);
  }

  JsonNode strategy() {
    return csv.at("/spec/install/spec");
  }

  JsonNode podSpec() {
    return strategy().at("/deployments/0/spec/template/spec");
  }

  String annotation(String name) {
    return csv.at("/metadata/annotations").path(name).asText();
  }
}
