package io.cgrouppolicy.delivery.release;

import io.cgrouppolicy.delivery.Project;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The archives of the command line. `make cli` makes each on a machine of its platform.
///
/// @param files by platform, in the order of [#PLATFORMS]
record CliArchives(Map<Platform, Path> files) {
  /// Those of a release.
  static final List<Platform> PLATFORMS =
      List.of(
          new Platform("linux", "amd64"),
          new Platform("linux", "arm64"),
          new Platform("darwin", "amd64"),
          new Platform("darwin", "arm64"));

  /// In the words of Go and krew.
  record Platform(String os, String arch) {
    /// The name of its archive for the version of the project. An archive of another version can
    /// therefore not get into a release.
    String archive() throws IOException {
      return "kubectl-cgp-%s-%s-%s.tar.gz".formatted(Project.version(), os, arch);
    }

    @Override
    public String toString() {
      return os + "/" + arch;
    }
  }

  /// Those that are in the directory.
  ///
  /// @throws IllegalArgumentException if there are none
  static CliArchives in(Path directory) throws IOException {
    var files = new LinkedHashMap<Platform, Path>();
    for (var platform : PLATFORMS) {
      var file = directory.resolve(platform.archive());
      if (Files.exists(file)) {
        files.put(platform, file);
      }
    }
    if (files.isEmpty()) {
      throw new IllegalArgumentException(
          "CLI=%s has no archive such as %s; make one with 'make cli', which writes it to target/cli"
              .formatted(directory, PLATFORMS.getFirst().archive()));
    }
    return new CliArchives(files);
  }

  /// The platforms for which there is none.
  List<Platform> missing() {
    return PLATFORMS.stream().filter(platform -> !files.containsKey(platform)).toList();
  }

  /// Copies them, and writes a manifest for krew beside them.
  void write(Path directory) throws IOException {
    var digests = new LinkedHashMap<Platform, String>();
    for (var archive : files.entrySet()) {
      Files.copy(archive.getValue(), directory.resolve(archive.getKey().archive()));
      digests.put(archive.getKey(), Release.sha256(archive.getValue()));
    }
    Files.writeString(directory.resolve(KrewManifest.FILE), KrewManifest.of(digests));
  }
}
