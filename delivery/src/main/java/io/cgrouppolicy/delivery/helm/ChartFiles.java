package io.cgrouppolicy.delivery.helm;

import com.fasterxml.jackson.databind.JsonNode;
import io.cgrouppolicy.delivery.CrdFile;
import io.cgrouppolicy.delivery.Generated;
import io.cgrouppolicy.delivery.Yaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The chart's folder `files`: unchanged copies from `config/` and `crds/`. The chart's templates
/// read them, and set namespace and labels.
public final class ChartFiles implements Generated {
  public static final Path CHART = Path.of("charts/cgroup-policy-operator");
  private static final Path FILES = CHART.resolve("files");
  private static final Path CONFIG = Path.of("config");
  private static final List<String> FOLLOWED =
      List.of("apiVersion", "kind", "resources", "namespace", "configMapGenerator");

  @Override
  public List<Path> directories() {
    return List.of(FILES);
  }

  @Override
  public Map<Path, String> files() throws IOException {
    var files = new TreeMap<Path, String>();
    files.put(FILES.resolve("crd.yaml"), CrdFile.built());
    for (var resource : resources("rbac")) {
      // The namespace is that of the release, which exists already or which Helm creates.
      if (!resource.equals("namespace.yaml")) {
        copy("rbac/" + resource, resource.startsWith("policy_") ? "people" : "rbac", files);
      }
    }
    copy("rbac/nodes_proxy_role.yaml", "", files);
    for (var resource : resources("rbac/open-reports")) {
      copy("rbac/open-reports/" + resource, "open-reports", files);
    }
    copy("manager/metrics_service.yaml", "", files);
    copy("manager/pod_disruption_budget.yaml", "", files);
    copy("network-policy/network_policy.yaml", "", files);
    for (var resource : resources("prometheus")) {
      copy("prometheus/" + resource, "prometheus", files);
    }
    for (var map : kustomization("prometheus").path("configMapGenerator")) {
      var name = map.path("name").asText();
      files.put(FILES.resolve("prometheus").resolve(name + ".yaml"), configMap(map));
    }
    return files;
  }

  private static JsonNode kustomization(String folder) throws IOException {
    return Yaml.read(CONFIG.resolve(folder).resolve("kustomization.yaml"));
  }

  /// The resources of a folder in config/.
  ///
  /// @throws IOException also if its kustomization uses a feature that the chart cannot reproduce
  private static List<String> resources(String folder) throws IOException {
    var kustomization = kustomization(folder);
    for (var fields = kustomization.fieldNames(); fields.hasNext(); ) {
      var field = fields.next();
      if (!FOLLOWED.contains(field)) {
        throw new IOException("config/" + folder + ": the chart cannot reproduce " + field);
      }
    }
    var resources = new ArrayList<String>();
    kustomization.path("resources").forEach(resource -> resources.add(resource.asText()));
    return resources;
  }

  /// The ConfigMap that kustomize generates from files in config/prometheus.
  private static String configMap(JsonNode generator) throws IOException {
    var object = Yaml.object().put("apiVersion", "v1").put("kind", "ConfigMap");
    var metadata = object.putObject("metadata").put("name", generator.path("name").asText());
    metadata.put("namespace", kustomization("prometheus").path("namespace").asText());
    metadata.set("labels", generator.at("/options/labels"));
    var data = object.putObject("data");
    for (var entry : generator.path("files")) {
      var keyAndPath = entry.asText().split("=", 2);
      var path = CONFIG.resolve("prometheus").resolve(keyAndPath[keyAndPath.length - 1]);
      data.put(keyAndPath[0], Files.readString(path));
    }
    return Yaml.write(object);
  }

  /// Helm's `fromYaml` reads only one object per file, so each object gets its own file.
  private static void copy(String source, String folder, Map<Path, String> files)
      throws IOException {
    var path = CONFIG.resolve(source);
    var objects = Yaml.documents(Files.readString(path));
    var name = path.getFileName().toString();
    for (int i = 0; i < objects.size(); i++) {
      var numbered = objects.size() == 1 ? name : name.replace(".yaml", "-" + (i + 1) + ".yaml");
      files.put(FILES.resolve(folder).resolve(numbered), objects.get(i));
    }
  }
}
