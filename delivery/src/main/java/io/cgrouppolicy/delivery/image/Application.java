package io.cgrouppolicy.delivery.image;

import io.cgrouppolicy.testing.OperatorModule;
import java.nio.file.Path;

/// The contents of `/app` in an image.
///
/// @param packaged Quarkus's output directory
/// @param flags the file of the JVM's flags
/// @param cache the AOT cache that the flags name; null without one
record Application(Path packaged, Path flags, Path cache) {
  /// The shipped application: the same files and flags that tests run.
  static final Application SHIPPED =
      new Application(OperatorModule.PACKAGED, Path.of("config/jvm.options"), null);
}
