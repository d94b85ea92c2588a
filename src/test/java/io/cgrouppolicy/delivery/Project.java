package io.cgrouppolicy.delivery;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/// What pom.xml says of the project, which is where versions are.
public final class Project {
  private static final Pattern VERSION =
      Pattern.compile(
          "<artifactId>cgroup-policy-operator</artifactId>\\s*<version>([^<]+)</version>");

  private Project() {}

  /// The version of the operator, its image, the chart and the bundle.
  public static String version() throws IOException {
    var pom = Files.readString(Path.of("pom.xml"));
    var found = VERSION.matcher(pom);
    if (!found.find()) {
      throw new IOException("pom.xml names no version");
    }
    return found.group(1);
  }
}
