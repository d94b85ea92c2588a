package io.cgrouppolicy.delivery;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/// Properties of the project from pom.xml, the only place with versions.
public final class Project {
  private static final Pattern VERSION =
      Pattern.compile("<artifactId>cgroup-policy</artifactId>\\s*<version>([^<]+)</version>");

  private static final Pattern TIMESTAMP =
      Pattern.compile("<project.build.outputTimestamp>([^<]+)</project.build.outputTimestamp>");

  private static final Pattern URL = Pattern.compile("<url>([^<]+)</url>");

  private Project() {}

  /// The address of its repository, to which links lead.
  public static String url() throws IOException {
    return find(URL, "url");
  }

  /// The version of the operator, its image, the chart and the bundle.
  public static String version() throws IOException {
    return find(VERSION, "version");
  }

  /// The timestamp of all build results (RFC 3339). It is fixed, so that builds are reproducible.
  public static String timestamp() throws IOException {
    return find(TIMESTAMP, "outputTimestamp");
  }

  private static String find(Pattern pattern, String what) throws IOException {
    var found = pattern.matcher(Files.readString(Path.of("pom.xml")));
    if (!found.find()) {
      throw new IOException("pom.xml has no " + what);
    }
    return found.group(1);
  }
}
