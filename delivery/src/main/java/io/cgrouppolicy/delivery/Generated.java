package io.cgrouppolicy.delivery;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// Committed files that are generated from other files in the repository; see [Manifests].
public interface Generated {
  /// Text by path, relative to the root of the repository.
  ///
  /// @throws IOException when a source cannot be read
  Map<Path, String> files() throws IOException;

  /// Directories that hold only generated files: `make manifests` deletes all others in them.
  default List<Path> directories() {
    return List.of();
  }

  /// Writes files, and the directories that they are in.
  static void write(Map<Path, String> files) throws IOException {
    for (var file : files.entrySet()) {
      if (file.getKey().getParent() != null) {
        Files.createDirectories(file.getKey().getParent());
      }
      Files.writeString(file.getKey(), file.getValue());
    }
  }
}
