package io.cgrouppolicy.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// A policy in `src/test/resources/policies`. `valid-*` is valid, `invalid-*` is rejected by the
/// API server, and `stalled-*` is accepted by the API server but rejected by the operator. The
/// first line of the latter two has a part of the expected message.
public record PolicyFile(String name, String text) {
  private static final Path DIRECTORY = OperatorModule.TEST_RESOURCES.resolve("policies");
  private static final String EXPECT = "# expect: ";
  private static final String SCHEMA_ONLY = "# schema only";

  public static List<PolicyFile> startingWith(String prefix) {
    try (var paths = Files.list(DIRECTORY)) {
      var files =
          paths
              .filter(path -> path.getFileName().toString().startsWith(prefix))
              .sorted()
              .map(PolicyFile::read)
              .toList();
      assertThat(files).as(prefix + "*").isNotEmpty();
      return files;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static PolicyFile read(Path path) {
    try {
      return new PolicyFile(path.getFileName().toString(), Files.readString(path));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public String expected() {
    var first = text.lines().findFirst().orElseThrow();
    assertThat(first).startsWith(EXPECT).hasSizeGreaterThan(EXPECT.length());
    return first.substring(EXPECT.length());
  }

  /// Whether the second line says that the operator does not find this problem.
  public boolean schemaOnly() {
    return text.lines().skip(1).findFirst().orElseThrow().startsWith(SCHEMA_ONLY);
  }

  @Override
  public String toString() {
    return name;
  }
}
