package io.cgrouppolicy.delivery;

import io.cgrouppolicy.delivery.argocd.ArgoForms;
import io.cgrouppolicy.delivery.docs.ApiPage;
import io.cgrouppolicy.delivery.docs.ChecksPage;
import io.cgrouppolicy.delivery.docs.PermissionsPage;
import io.cgrouppolicy.delivery.helm.ChartFiles;
import io.cgrouppolicy.delivery.helm.ChartReadme;
import io.cgrouppolicy.delivery.olm.OlmBundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Writes all generated files (`make manifests`), or lists the stale ones (`make check`).
public final class Manifests {
  private static final List<Generated> ALL =
      List.of(
          new CrdFile(),
          new ChecksPage(),
          new ArgoForms(),
          new ApiPage(),
          new PermissionsPage(),
          new ChartFiles(),
          new ChartReadme(),
          new Versions(),
          new OlmBundle());

  private Manifests() {}

  /// In the working directory, which is the root of the repository.
  ///
  /// @param arguments `write` or `check`
  public static void main(String[] arguments) throws IOException {
    switch (String.join(" ", arguments)) {
      case "write" -> write();
      case "check" -> {
        var stale = stale();
        stale.forEach(problem -> System.err.println("error: " + problem));
        if (!stale.isEmpty()) {
          System.err.println("run 'make manifests'");
          System.exit(1);
        }
      }
      default -> throw new IllegalArgumentException("write or check");
    }
  }

  private static Map<Path, String> expected() throws IOException {
    var files = new TreeMap<Path, String>();
    for (var generated : ALL) {
      generated
          .files()
          .forEach(
              (path, text) -> {
                if (files.put(path, text) != null) {
                  throw new IllegalStateException(path + " is generated twice");
                }
              });
    }
    return files;
  }

  private static void write() throws IOException {
    var expected = expected();
    for (var left : leftOver(expected)) {
      Files.delete(left);
    }
    Generated.write(expected);
  }

  private static List<String> stale() throws IOException {
    var expected = expected();
    var problems = new ArrayList<String>();
    for (var file : expected.entrySet()) {
      var path = file.getKey();
      if (!Files.exists(path)) {
        problems.add(path + " is missing");
      } else if (!Files.readString(path).equals(file.getValue())) {
        problems.add(path + " is stale");
      }
    }
    leftOver(expected).forEach(path -> problems.add(path + " is no longer generated; delete it"));
    return problems;
  }

  private static List<Path> leftOver(Map<Path, String> expected) throws IOException {
    var left = new ArrayList<Path>();
    for (var generated : ALL) {
      for (var directory : generated.directories()) {
        if (Files.isDirectory(directory)) {
          try (var found = Files.walk(directory)) {
            found
                .filter(Files::isRegularFile)
                .filter(path -> !expected.containsKey(path))
                .forEach(left::add);
          }
        }
      }
    }
    return left;
  }
}
