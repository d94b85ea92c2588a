package io.cgrouppolicy.delivery.olm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cgrouppolicy.delivery.Yaml;
import io.cgrouppolicy.testing.Command;
import io.cgrouppolicy.testing.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// opm validates a file-based catalog with this version and the previous one. Its channel has the
/// upgrade edges of the bundles.
class CatalogGate {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String BEFORE = "0.0.9";

  private final Tool opm = Tool.named("opm");

  @TempDir Path work;

  private ArrayNode catalog;

  @BeforeEach
  void render() throws IOException {
    var before = BundleRelease.committed().withVersion(BEFORE);
    var now = BundleRelease.committed().withReplaces(before.name());
    catalog = JSON.createArrayNode();
    var settings = Yaml.read(Path.of("config/olm/bundle.yaml"));
    catalog
        .addObject()
        .put("schema", "olm.package")
        .put("name", settings.get("package").asText())
        .put("defaultChannel", settings.get("defaultChannel").asText());
    for (var channel : settings.get("channels")) {
      var entries =
          catalog
              .addObject()
              .put("schema", "olm.channel")
              .put("package", settings.get("package").asText())
              .put("name", channel.asText())
              .putArray("entries");
      for (var release : List.of(before, now)) {
        entry(entries.addObject(), release);
      }
    }
    for (var release : List.of(before, now)) {
      // A catalog names the image of a bundle; this test has none.
      var text =
          opm.succeed("render", bundle(release).toString(), "-o", "json")
              .transform(output -> output.substring(output.indexOf('{')));
      var rendered = (ObjectNode) JSON.readTree(text);
      catalog.add(rendered.put("image", "cgroup-policy-operator-bundle:" + release.version()));
    }
  }

  private Path bundle(BundleRelease release) throws IOException {
    var directory = work.resolve("bundle-" + release.version());
    if (!Files.exists(directory)) {
      new OlmBundle(release, directory).write();
    }
    return directory;
  }

  private void entry(ObjectNode entry, BundleRelease release) throws IOException {
    var csv = BundleFiles.read(bundle(release)).csv();
    entry.put("name", csv.at("/metadata/name").asText());
    if (csv.at("/spec").has("replaces")) {
      entry.put("replaces", csv.at("/spec/replaces").asText());
    }
  }

  private Command.Answer validate() throws IOException {
    var directory = Path.of("target/catalog");
    Files.createDirectories(directory);
    Files.writeString(directory.resolve("catalog.json"), text());
    return opm.run("validate", directory.toString());
  }

  /// Several documents in a file, as opm writes them.
  private String text() {
    var text = new StringBuilder();
    catalog.forEach(document -> text.append(document.toPrettyString()).append('\n'));
    return text.toString();
  }

  @Test
  void thisVersionReplacesThePreviousOne() throws IOException {
    assertThat(catalog.at("/1/entries/1/replaces").asText())
        .isEqualTo("cgroup-policy-operator.v" + BEFORE);

    var answer = validate();
    assertThat(answer.output()).isEmpty();
    assertThat(answer.status()).isZero();
  }

  @Test
  void withoutTheEdgeItIsRejected() throws IOException {
    ((ObjectNode) catalog.at("/1/entries/1")).remove("replaces");

    assertThat(validate().output()).contains("multiple channel heads found");
  }

  @Test
  void anEdgeInACycleIsRejected() throws IOException {
    var now = catalog.at("/1/entries/1/name").asText();
    ((ObjectNode) catalog.at("/1/entries/0")).put("replaces", now);

    assertThat(validate().output()).contains("no channel head found");
  }

  @Test
  void anEntryWithoutABundleIsRejected() throws IOException {
    catalog.remove(catalog.size() - 1);

    assertThat(validate().output()).contains("no olm.bundle blobs found");
  }
}
