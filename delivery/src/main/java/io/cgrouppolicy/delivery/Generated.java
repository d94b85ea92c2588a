package io.cgrouppolicy.delivery;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// Committed files that are made from something else in the repository; see [Manifests].
public interface Generated {
  /// Text by path, relative to the root of the repository.
  ///
  /// @throws IOException when a source cannot be read
  Map<Path, String> files() throws IOException;

  /// Directories that hold nothing but generated files, so that what is no longer made goes.
  default List<Path> directories() {
    return List.of();
  }
}
