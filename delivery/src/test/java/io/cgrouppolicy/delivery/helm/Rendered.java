package io.cgrouppolicy.delivery.helm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.cgrouppolicy.delivery.Yaml;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/// Parses objects from kustomize or Helm, and compares them.
final class Rendered {
  private Rendered() {}

  /// Objects by kind and name, as `Deployment/cgroup-policy-operator`.
  static Map<String, JsonNode> objects(String yaml) throws IOException {
    var objects = new TreeMap<String, JsonNode>();
    for (var object : Yaml.readAll(yaml)) {
      var name = Yaml.kind(object) + "/" + Yaml.name(object);
      assertThat(objects.put(name, object)).as(name + " is there twice").isNull();
    }
    return objects;
  }

  /// Adds the paths of all different fields. Compares numbers by value, because kustomize writes 0
  /// as 0.0.
  static void differ(String path, JsonNode one, JsonNode other, List<String> differences) {
    if (one.isObject() && other.isObject()) {
      var names = new TreeSet<String>();
      one.fieldNames().forEachRemaining(names::add);
      other.fieldNames().forEachRemaining(names::add);
      names.forEach(n -> differ(path + "/" + n, one.path(n), other.path(n), differences));
    } else if (one.isArray() && other.isArray() && one.size() == other.size()) {
      for (int i = 0; i < one.size(); i++) {
        differ(path + "/" + i, one.get(i), other.get(i), differences);
      }
    } else if (one.isNumber() && other.isNumber()
        ? one.decimalValue().compareTo(other.decimalValue()) != 0
        : !one.equals(other)) {
      differences.add(path + ": " + one + " and " + other);
    }
  }
}
