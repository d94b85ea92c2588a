package io.cgrouppolicy.upgrade;

import io.cgrouppolicy.testing.Command;
import io.cgrouppolicy.testing.OperatorProcess;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// The release from which upgrades are tested, built from its commit by `hack/previous-release.sh`.
///
/// @param directory its sources and its build
record PreviousRelease(Path directory) {
  /// Builds it, unless it is in the cache.
  static PreviousRelease build() {
    var builder =
        new ProcessBuilder("hack/previous-release.sh")
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    return new PreviousRelease(Path.of(Command.run(builder).success().strip()));
  }

  /// Such as `0.1.0`; the script names the directory by it.
  String version() {
    return directory.getFileName().toString().replaceFirst("-.*", "");
  }

  Path crd() {
    return directory.resolve("crds/cgroup-policy.io_cgrouppolicies.yaml");
  }

  OperatorProcess start(Map<String, String> settings) {
    var java = Path.of(System.getProperty("java.home"), "bin", "java");
    return new OperatorProcess(
        List.of(
            java.toString(),
            "@" + directory.resolve("config/jvm.options"),
            "-jar",
            directory.resolve("operator/target/quarkus-app/quarkus-run.jar").toString()),
        settings);
  }
}
