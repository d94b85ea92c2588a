package io.cgrouppolicy.delivery.release;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cgrouppolicy.delivery.CrdFile;
import io.cgrouppolicy.delivery.Project;
import io.cgrouppolicy.delivery.Sample;
import io.cgrouppolicy.delivery.Yaml;
import io.cgrouppolicy.delivery.helm.ChartFiles;
import io.cgrouppolicy.delivery.helm.ChartReadme;
import io.cgrouppolicy.testing.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;

/// The chart as it is released: its values name the image by digest, and its annotations say what
/// Artifact Hub shows of it.
record ReleaseChart(ReleaseImage image, Instant time) {
  /// Makes the package, NAME-VERSION.tgz.
  ///
  /// @param work where the changed chart goes, which must not exist yet
  void write(Path work, Path directory) throws IOException {
    var chart = work.resolve(ChartFiles.CHART.getFileName());
    copy(ChartFiles.CHART, chart);
    var values = chart.resolve("values.yaml");
    set(values, "  registry: \"\"", "  registry: \"" + image.registry() + "\"");
    set(values, "  repository: cgroup-policy-operator", "  repository: " + image.repository());
    set(values, "  digest: \"\"", "  digest: " + image.digest());
    var description = chart.resolve("Chart.yaml");
    var metadata = Yaml.read(description);
    annotate(metadata.withObject("/annotations"));
    Files.writeString(description, Yaml.write(metadata));
    var readme = chart.resolve("README.md");
    Files.writeString(readme, ChartReadme.of(chart));
    // Helm puts the times of the files into the package.
    try (var files = Files.walk(chart)) {
      for (var file : files.toList()) {
        Files.setLastModifiedTime(file, FileTime.from(time));
      }
    }
    Tool.named("helm").succeed("package", chart.toString(), "--destination", directory.toString());
  }

  private void annotate(ObjectNode annotations) throws IOException {
    var crd = Yaml.read(CrdFile.FILE);
    var version = crd.at("/spec/versions/0");
    var operator = Yaml.object().put("name", "operator").put("image", image.reference());
    operator.putArray("platforms").add("linux/amd64").add("linux/arm64");
    annotations.put("artifacthub.io/images", json(operator));
    annotations.put(
        "artifacthub.io/crds",
        json(
            Yaml.object()
                .put("kind", crd.at("/spec/names/kind").asText())
                .put("version", version.path("name").asText())
                .put("name", Yaml.name(crd))
                .put("displayName", crd.at("/spec/names/kind").asText())
                .put("description", version.at("/schema/openAPIV3Schema/description").asText())));
    annotations.put(
        "artifacthub.io/crdsExamples", json(Yaml.parse(Sample.of("audit.yaml").yaml())));
    annotations.put(
        "artifacthub.io/links",
        json(
            Yaml.object()
                .put("name", "Changes")
                .put("url", Project.url() + "/blob/main/CHANGELOG.md")));
  }

  /// A list of one object; JSON is YAML.
  private static String json(Object object) throws IOException {
    return new ObjectMapper().writeValueAsString(List.of(object));
  }

  private static void copy(Path from, Path to) throws IOException {
    try (var files = Files.walk(from)) {
      for (var file : files.toList()) {
        var target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
  }

  private static void set(Path file, String line, String other) throws IOException {
    var text = Files.readString(file);
    if (text.split("(?m)^" + Pattern.quote(line) + "$", -1).length != 2) {
      throw new IOException(file + " must have the line once: " + line);
    }
    Files.writeString(file, text.replace(line + "\n", other + "\n"));
  }
}
