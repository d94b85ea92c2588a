package io.cgrouppolicy.delivery.image;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.LocalCluster;
import io.cgrouppolicy.testing.OperatorProcess;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// `make image AOT=true`: trains the operator, and starts it from its cache.
class AotImageGate {
  @TempDir static Path directory;
  private static UnpackedImage image;

  @RegisterExtension final Fixture fixture = new Fixture();

  @BeforeAll
  static void make() throws Exception {
    var base = JavaBase.in(directory);
    var tar = directory.resolve("image.tar");
    OperatorImage.makeTar(base, tar, AotCache.trained(base));
    image = UnpackedImage.of(tar, directory.resolve("unpacked"));
  }

  @Test
  void worksFromItsCache() throws Exception {
    // With this flag, a JVM that cannot use its cache exits instead of starting without it.
    try (var operator = start("-XX:AOTMode=on")) {
      ImageIT.protects(operator, fixture);
    }
  }

  @Test
  void startsWithFlagsThatTheCacheWasNotMadeFor() throws Exception {
    try (var operator = start("-XX:+UseCompactObjectHeaders")) {
      eventually(() -> assertThat(operator.leads()).as(operator.log()).isTrue());
      assertThat(operator.log()).contains("Unable to use AOT cache");
    }
  }

  private static OperatorProcess start(String flag) throws Exception {
    return image.start(LocalCluster.get().operatorKubeconfig(), Map.of("JAVA_TOOL_OPTIONS", flag));
  }
}
