package io.cgrouppolicy.testing;

import java.nio.file.Path;

/// The operator's Maven module. Tests and programs of all modules run in the root of the
/// repository.
public final class OperatorModule {
  public static final Path SOURCES = Path.of("operator/src/main/java");
  public static final Path RESOURCES = Path.of("operator/src/main/resources");
  public static final Path TEST_RESOURCES = Path.of("operator/src/test/resources");

  /// What Maven makes of it.
  public static final Path TARGET = Path.of("operator/target");

  /// The packaged operator.
  public static final Path PACKAGED = TARGET.resolve("quarkus-app");

  private OperatorModule() {}
}
