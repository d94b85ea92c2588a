package io.cgrouppolicy.delivery.olm;

import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cgrouppolicy.delivery.Sample;
import io.cgrouppolicy.delivery.Yaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The ClusterServiceVersion: its hand-written base, completed from other files in the repository.
record CsvFile(BundleRelease release, BundleSource source, JsonNode settings, JsonNode crd) {
  private static final Path BASE = Path.of("config/olm/csv_base.yaml");
  private static final Path ICON = Path.of("config/olm/icon.svg");

  /// @throws IOException if a source cannot be read
  ObjectNode render() throws IOException {
    var csv = Yaml.read(BASE);
    var metadata = csv.withObject("/metadata");
    var annotations = annotations(metadata.path("annotations"));
    var labels = metadata.path("labels");
    metadata.removeAll();
    metadata.put("name", release.name());
    metadata.set("labels", labels);
    metadata.set("annotations", Yaml.tree(annotations));

    var spec = csv.withObject("/spec");
    spec.put("version", release.version());
    if (release.replaces() != null) {
      spec.put("replaces", release.replaces());
    }
    spec.withArray("/icon")
        .addObject()
        .put("base64data", Base64.getEncoder().encodeToString(Files.readAllBytes(ICON)))
        .put("mediatype", "image/svg+xml");
    spec.withArray("/relatedImages")
        .addObject()
        .put("name", "operator")
        .put("image", release.image());
    spec.withArray("/customresourcedefinitions/owned").add(owned());
    var install = spec.putObject("install");
    install.put("strategy", "deployment");
    install.set("spec", strategy());
    return csv;
  }

  private TreeMap<String, String> annotations(JsonNode base) throws IOException {
    var annotations = new TreeMap<String, String>();
    base.properties().forEach(entry -> annotations.put(entry.getKey(), entry.getValue().asText()));
    annotations.put("alm-examples", json(examples()));
    annotations.put("containerImage", release.image());
    annotations.put("createdAt", release.createdAt());
    var namespace = source.namespace();
    annotations.put("operatorframework.io/suggested-namespace", Yaml.name(namespace));
    annotations.put("operatorframework.io/suggested-namespace-template", json(namespace));
    if (release.skipRange() != null) {
      annotations.put("olm.skipRange", release.skipRange());
    }
    return annotations;
  }

  /// All samples. Those in mode Audit come first, because consoles offer the first one.
  private static List<ObjectNode> examples() throws IOException {
    var policies = new ArrayList<ObjectNode>();
    for (var sample : Sample.all()) {
      policies.add(Yaml.parse(sample.yaml()));
    }
    policies.sort(
        Comparator.comparing(policy -> policy.at("/spec/mode").asText().equals("Enforce")));
    return policies;
  }

  private static String json(Object value) throws IOException {
    var printer = new DefaultPrettyPrinter();
    printer.indentArraysWith(DefaultIndenter.SYSTEM_LINEFEED_INSTANCE.withLinefeed("\n"));
    printer.indentObjectsWith(DefaultIndenter.SYSTEM_LINEFEED_INSTANCE.withLinefeed("\n"));
    return new ObjectMapper().writer(printer).writeValueAsString(value);
  }

  private ObjectNode owned() {
    var version = crd.at("/spec/versions/0");
    var schema = version.at("/schema/openAPIV3Schema");
    var descriptors = new Descriptors(settings);
    var owned = Yaml.object();
    owned.put("name", Yaml.name(crd));
    owned.put("kind", crd.at("/spec/names/kind").asText());
    owned.put("version", version.path("name").asText());
    owned.put("displayName", crd.at("/spec/names/kind").asText());
    owned.put("description", schema.path("description").asText());
    owned.set("resources", settings.get("resources"));
    owned.set("specDescriptors", descriptors.spec(schema.at("/properties/spec")));
    owned.set("statusDescriptors", descriptors.status(schema.at("/properties/status")));
    return owned;
  }

  private ObjectNode strategy() {
    var deployment = source.deployment();
    var spec = deployment.get("spec").deepCopy();
    for (var container : spec.at("/template/spec/containers")) {
      if (container.path("name").asText().equals("operator")) {
        ((ObjectNode) container).put("image", release.image());
      }
    }
    var strategy = Yaml.object();
    grant(strategy, "clusterPermissions", source.clusterRules());
    grant(strategy, "permissions", source.rules());
    var entry = strategy.withArray("/deployments").addObject();
    entry.put("name", Yaml.name(deployment));
    entry.set("label", deployment.at("/metadata/labels"));
    entry.set("spec", spec);
    return strategy;
  }

  private static void grant(
      ObjectNode strategy, String field, Map<String, List<JsonNode>> accounts) {
    accounts.forEach(
        (account, rules) -> {
          var entry = strategy.withArray("/" + field).addObject();
          entry.put("serviceAccountName", account);
          entry.withArray("/rules").addAll(rules);
        });
  }
}
