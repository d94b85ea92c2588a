package io.cgrouppolicy.delivery.image;

import io.cgrouppolicy.testing.OperatorModule;
import java.nio.file.Path;

/// What an image holds in `/app`.
///
/// @param packaged the directory that Quarkus made
/// @param flags the file of the JVM's flags
/// @param cache the AOT cache that the flags name; null without one
record Application(Path packaged, Path flags, Path cache) {
  /// What is shipped: the files that tests run, with the flags that they run with.
  static final Application SHIPPED =
      new Application(OperatorModule.PACKAGED, Path.of("config/jvm.options"), null);
}
