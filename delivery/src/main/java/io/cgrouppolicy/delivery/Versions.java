package io.cgrouppolicy.delivery;

import io.cgrouppolicy.delivery.helm.ChartFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Lines of hand-written files that repeat the version in pom.xml.
final class Versions implements Generated {
  private static final Path CHART = ChartFiles.CHART.resolve("Chart.yaml");
  private static final Path DEPLOYMENT = Path.of("config/manager/deployment.yaml");

  @Override
  public Map<Path, String> files() throws IOException {
    var files = new TreeMap<Path, String>();
    files.put(CHART, with(CHART, List.of("version: ", "appVersion: ")));
    files.put(DEPLOYMENT, with(DEPLOYMENT, List.of("image: cgroup-policy-operator:")));
    return files;
  }

  private static String with(Path path, List<String> keys) throws IOException {
    var text = Files.readString(path);
    for (var key : keys) {
      var line = "(?m)^( *" + key + ").*$";
      if (!text.matches("(?s).*" + line + ".*")) {
        throw new IOException(path + " has no " + key);
      }
      text = text.replaceAll(line, "$1" + Project.version());
    }
    return text;
  }
}
