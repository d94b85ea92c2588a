package io.cgrouppolicy.delivery.release;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cgrouppolicy.delivery.Project;
import io.cgrouppolicy.delivery.Yaml;
import io.cgrouppolicy.testing.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;

/// An in-toto statement with SLSA provenance: which files were made from which commit and image. It
/// is not signed: anyone could have written it. The release workflow publishes a signed one
/// instead.
final class Provenance {
  private Provenance() {}

  /// @param digests SHA-256 by file
  static String statement(ReleaseImage image, Map<Path, String> digests) throws IOException {
    var statement = Yaml.object().put("_type", "https://in-toto.io/Statement/v1");
    var subjects = statement.putArray("subject");
    digests.forEach(
        (file, digest) ->
            subjects
                .addObject()
                .put("name", file.getFileName().toString())
                .withObject("/digest")
                .put("sha256", digest));
    subjects
        .addObject()
        .put("name", image.name())
        .withObject("/digest")
        .put("sha256", image.digest().substring("sha256:".length()));
    statement.put("predicateType", "https://slsa.dev/provenance/v1");
    var page = Project.url() + "/blob/main/docs/release.md";
    var build = statement.withObject("/predicate/buildDefinition");
    build.put("buildType", page);
    build
        .putObject("externalParameters")
        .put("version", Project.version())
        .put("image", image.reference());
    if (Files.exists(Path.of(".git"))) { // not in an archive of the sources
      addCommit(build.putArray("resolvedDependencies").addObject());
    }
    statement.withObject("/predicate/runDetails/builder").put("id", page + "#by-hand");
    return new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(statement) + "\n";
  }

  private static void addCommit(ObjectNode source) throws IOException {
    source.put("uri", "git+" + Project.url());
    source.putObject("digest").put("gitCommit", git("rev-parse", "HEAD").strip());
    source
        .putObject("annotations")
        .put("uncommittedChanges", !git("status", "--porcelain").isBlank());
  }

  private static String git(String... arguments) {
    return Command.succeed(
        Stream.concat(Stream.of("git"), Stream.of(arguments)).toArray(String[]::new));
  }
}
