package io.cgrouppolicy.delivery.olm;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cgrouppolicy.delivery.CrdFile;
import io.cgrouppolicy.delivery.Generated;
import io.cgrouppolicy.delivery.Yaml;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// olm-bundle/, generated from the CRD, config/olm and config/samples.
public final class OlmBundle implements Generated {
  /// The directory of the committed bundle.
  public static final Path DIRECTORY = Path.of("olm-bundle");

  private static final Path CONFIG = Path.of("config/olm");

  private final BundleRelease release;
  private final Path directory;

  /// The committed bundle.
  public OlmBundle() {
    this(BundleRelease.committed(), DIRECTORY);
  }

  /// @param directory the output directory
  public OlmBundle(BundleRelease release, Path directory) {
    this.release = release;
    this.directory = directory;
  }

  @Override
  public List<Path> directories() {
    return List.of(directory);
  }

  @Override
  public Map<Path, String> files() throws IOException {
    var settings = Yaml.read(CONFIG.resolve("bundle.yaml"));
    var source = BundleSource.of(release.monitoring() ? CONFIG : CONFIG.resolve("base"));
    var packageName = settings.get("package").asText();
    var files = new TreeMap<Path, String>();
    var crd = CrdFile.built();
    var csv = new CsvFile(release, source, settings, Yaml.parse(crd)).render();
    put(files, "manifests/" + packageName + ".clusterserviceversion.yaml", Yaml.write(csv));
    put(files, "manifests/" + CrdFile.FILE.getFileName(), crd);
    for (var object : source.others()) {
      put(files, "manifests/" + fileName(object), Yaml.write(anywhere(object)));
    }
    var metadata = new BundleMetadata(release, settings);
    put(files, "metadata/annotations.yaml", metadata.annotationsFile());
    put(files, "tests/scorecard/config.yaml", metadata.scorecard());
    put(files, "bundle.Dockerfile", metadata.dockerfile());
    return files;
  }

  /// Writes the bundle to its directory, which must contain nothing else.
  ///
  /// @throws IOException if a source cannot be read, or a file cannot be written
  public void write() throws IOException {
    Generated.write(files());
  }

  private void put(Map<Path, String> files, String name, String text) {
    if (files.put(directory.resolve(name), text) != null) {
      throw new IllegalStateException(name + " is generated twice");
    }
  }

  /// OLM chooses the namespace.
  private static ObjectNode anywhere(ObjectNode object) {
    var copy = object.deepCopy();
    copy.withObject("/metadata").remove("namespace");
    return copy;
  }

  /// The name that operator-sdk would use: NAME_GROUP_VERSION_KIND.
  private static String fileName(ObjectNode object) {
    var api = object.get("apiVersion").asText().replace('/', '_');
    return (Yaml.name(object) + "_" + api + "_" + Yaml.kind(object) + ".yaml")
        .toLowerCase(Locale.ROOT);
  }
}
