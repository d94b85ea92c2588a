package io.cgrouppolicy.delivery;

import io.cgrouppolicy.testing.OperatorModule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/// The CRD that Quarkus generates from the Java types during the build.
public final class CrdFile implements Generated {
  public static final Path FILE = Path.of("crds/cgroup-policy.io_cgrouppolicies.yaml");

  @Override
  public Map<Path, String> files() throws IOException {
    return Map.of(FILE, built());
  }

  /// The CRD from the last build.
  public static String built() throws IOException {
    return Files.readString(
        OperatorModule.TARGET.resolve("kubernetes/cgrouppolicies.cgroup-policy.io-v1.yml"));
  }
}
