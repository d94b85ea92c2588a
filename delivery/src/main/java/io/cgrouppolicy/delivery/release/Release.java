package io.cgrouppolicy.delivery.release;

import io.cgrouppolicy.delivery.Changelog;
import io.cgrouppolicy.delivery.Project;
import io.cgrouppolicy.delivery.Sample;
import io.cgrouppolicy.delivery.olm.BundleRelease;
import io.cgrouppolicy.delivery.olm.OlmBundle;
import io.cgrouppolicy.testing.Kubectl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// What a release publishes, in one directory, for an image that was pushed before. The same
/// sources, image and archives of the command line give the same bytes: every time in it is the
/// project's own.
///
/// @param bundle what is to be in the OLM bundle
/// @param cli the command line, if it is part of the release
record Release(ReleaseImage image, BundleRelease bundle, Optional<CliArchives> cli) {
  private static final String SUMS = "SHA256SUMS";

  /// `make sbom` writes it.
  private static final Path SBOM = Path.of("target/sbom/cgroup-policy-operator.cdx.json");

  /// Makes all files, and beside the directory `provenance.intoto.json` and `release-notes.md`,
  /// which are not published as they are.
  ///
  /// @param directory which is emptied
  void write(Path directory) throws IOException {
    var notes = Changelog.read().notes(Project.version());
    var time = Instant.parse(Project.timestamp());
    var work = directory.resolveSibling(directory.getFileName() + "-work");
    delete(work);
    delete(directory);
    Files.createDirectories(directory);
    Files.createDirectories(work);
    Files.writeString(directory.resolve("install.yaml"), install(work.resolve("install")));
    new ReleaseChart(image, time).write(work, directory);
    new OlmBundle(bundle, work.resolve("olm-bundle")).write();
    tarball(work.resolve("olm-bundle"), "olm-bundle", time, directory);
    tarball(Sample.DIRECTORY, "samples", time, directory);
    if (cli.isPresent()) {
      cli.get().write(directory);
    }
    if (!Files.exists(SBOM)) {
      throw new IOException(SBOM + " is missing: run 'make sbom'");
    }
    Files.copy(SBOM, directory.resolve(SBOM.getFileName()));
    var digests = digests(directory);
    var sums = new StringBuilder();
    digests.forEach((file, digest) -> sums.append(digest + "  " + file.getFileName() + "\n"));
    Files.writeString(directory.resolve(SUMS), sums);
    var provenance = Provenance.statement(image, digests);
    Files.writeString(directory.resolveSibling("provenance.intoto.json"), provenance);
    Files.writeString(directory.resolveSibling("release-notes.md"), notes);
    // Helm puts the time of a chart's package into the manifest that it pushes.
    try (var files = Files.list(directory)) {
      for (var file : files.toList()) {
        Files.setLastModifiedTime(file, FileTime.from(time));
      }
    }
    delete(work);
  }

  /// config/default with the image by digest.
  private String install(Path overlay) throws IOException {
    Files.createDirectories(overlay);
    var base = overlay.toAbsolutePath().relativize(Path.of("config/default").toAbsolutePath());
    Files.writeString(
        overlay.resolve("kustomization.yaml"),
        """
        resources: [%s]
        images: [{name: cgroup-policy-operator, newName: "%s", digest: "%s"}]
        """
            .formatted(base, image.name(), image.digest()));
    return new Kubectl(Path.of("/dev/null")).succeed("kustomize", overlay.toString());
  }

  private static void tarball(Path source, String name, Instant time, Path directory)
      throws IOException {
    var file = name + "-" + Project.version() + ".tgz";
    Tarball.write(source, name, time, directory.resolve(file));
  }

  private static Map<Path, String> digests(Path directory) throws IOException {
    var digests = new TreeMap<Path, String>();
    try (var files = Files.list(directory)) {
      for (var file : files.toList()) {
        digests.put(file, sha256(file));
      }
    }
    return digests;
  }

  static String sha256(Path file) throws IOException {
    try {
      var digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has it
    }
  }

  private static void delete(Path directory) throws IOException {
    if (Files.exists(directory)) {
      try (var files = Files.walk(directory)) {
        for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }
}
