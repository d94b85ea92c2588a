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

/// What the chart takes from `config/` and `crds/` as it is: its folder `files`, from which its
/// templates read. Namespace and labels are set there.
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
      // The namespace is the release's, made by whoever installs it.
      if (!resource.equals("namespace.yaml")) {
        copy("rbac/" + resource, resource.startsWith("policy_") ? "people" : "rbac", files);
      }
    }
    copy("rbac/nodes_proxy_role.yaml", "", files);
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

  /// What a folder of config/ is made of.
  ///
  /// @throws IOException also where kustomize does what the chart would not
  private static List<String> resources(String folder) throws IOException {
    var kustomization = kustomization(folder);
    for (var fields = kustomization.fieldNames(); fields.hasNext(); ) {
      var field = fields.next();
      if (!FOLLOWED.contains(field)) {
        throw new IOException("config/" + folder + ": the chart cannot follow " + field);
      }
    }
    var resources = new ArrayList<String>();
    kustomization.path("resources").forEach(resource -> resources.add(resource.asText()));
    return resources;
  }

  /// The ConfigMap that kustomize makes of files of config/prometheus.
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

  /// Helm's `fromYaml` reads one object of a file, so several get a file each.
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
