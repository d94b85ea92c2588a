package io.cgrouppolicy.delivery.olm;

import com.fasterxml.jackson.databind.JsonNode;
import io.cgrouppolicy.delivery.Yaml;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The metadata of the bundle, for catalogs and their tools.
record BundleMetadata(BundleRelease release, JsonNode settings) {
  /// The tests of operator-sdk, by suite.
  private static final Map<String, List<String>> TESTS =
      new TreeMap<>(
          Map.of(
              "basic",
              List.of("basic-check-spec"),
              "olm",
              List.of(
                  "olm-bundle-validation",
                  "olm-crds-have-validation",
                  "olm-crds-have-resources",
                  "olm-spec-descriptors",
                  "olm-status-descriptors")));

  /// The same in annotations.yaml and in the labels of the bundle's image.
  Map<String, String> annotations() {
    var channels = new ArrayList<String>();
    settings.path("channels").forEach(channel -> channels.add(channel.asText()));
    var annotations = new LinkedHashMap<String, String>();
    var bundle = "operators.operatorframework.io.bundle.";
    annotations.put(bundle + "mediatype.v1", "registry+v1");
    annotations.put(bundle + "manifests.v1", "manifests/");
    annotations.put(bundle + "metadata.v1", "metadata/");
    annotations.put(bundle + "package.v1", settings.get("package").asText());
    annotations.put(bundle + "channels.v1", String.join(",", channels));
    annotations.put(bundle + "channel.default.v1", settings.get("defaultChannel").asText());
    annotations.put("operators.operatorframework.io.test.mediatype.v1", "scorecard+v1");
    annotations.put("operators.operatorframework.io.test.config.v1", "tests/scorecard/");
    annotations.put("com.redhat.openshift.versions", settings.get("openshiftVersions").asText());
    return annotations;
  }

  String annotationsFile() {
    return Yaml.write(Map.of("annotations", annotations()));
  }

  String dockerfile() {
    var file = new StringBuilder("FROM scratch\n\n");
    annotations().forEach((name, value) -> file.append("LABEL %s=\"%s\"\n".formatted(name, value)));
    return file.append(
            """

            COPY manifests /manifests/
            COPY metadata /metadata/
            COPY tests/scorecard /tests/scorecard/
            """)
        .toString();
  }

  String scorecard() {
    var config = Yaml.object();
    config.put("apiVersion", "scorecard.operatorframework.io/v1alpha3");
    config.put("kind", "Configuration");
    config.putObject("metadata").put("name", "config");
    var stage = config.putArray("stages").addObject();
    stage.put("parallel", true);
    var tests = stage.putArray("tests");
    TESTS.forEach(
        (suite, names) ->
            names.forEach(
                name -> {
                  var test = tests.addObject();
                  test.putArray("entrypoint").add("scorecard-test").add(name);
                  test.put("image", release.scorecardImage());
                  test.putObject("labels").put("suite", suite).put("test", name);
                  test.withObject("/storage/spec/mountPath");
                }));
    config.withObject("/storage/spec/mountPath");
    return Yaml.write(config);
  }
}
