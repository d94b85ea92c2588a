package io.cgrouppolicy.delivery;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/// What pom.xml says of the project, which is where versions are.
public final class Project {
  private static final Pattern VERSION =
      Pattern.compile("<artifactId>cgroup-policy</artifactId>\\s*<version>([^<]+)</version>");

  private static final Pattern TIMESTAMP =
      Pattern.compile("<project.build.outputTimestamp>([^<]+)</project.build.outputTimestamp>");

  private Project() {}

  /// The version of the operator, its image, the chart and the bundle.
  public static String version() throws IOException {
    return find(VERSION, "version");
  }

  /// When it is said to be made, wherever and whenever it is (RFC 3339): the jar is the same each
  /// time.
  public static String timestamp() throws IOException {
    return find(TIMESTAMP, "outputTimestamp");
  }

  private static String find(Pattern pattern, String what) throws IOException {
    var found = pattern.matcher(Files.readString(Path.of("pom.xml")));
    if (!found.find()) {
      throw new IOException("pom.xml names no " + what);
    }
    return found.group(1);
  }
}
