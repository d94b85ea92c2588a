package io.cgrouppolicy.delivery.image;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.delivery.Sample;
import io.cgrouppolicy.testing.Command;
import io.cgrouppolicy.testing.ControlPlane;
import io.cgrouppolicy.testing.OperatorModule;
import io.cgrouppolicy.testing.OperatorProcess;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;

/// Makes an application with an AOT cache. It runs the operator once on an embedded control plane,
/// with exactly the Java of the image's base, until the operator has protected a namespace. The JVM
/// records which classes it needs. A JVM uses a cache only if build, flags and class path files are
/// identical; otherwise it starts without.
final class AotCache {
  private static final Path DIRECTORY = Path.of("target/aot");
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private AotCache() {}

  /// @param base an image reference for Jib, whose Java runs on this machine
  static Application trained(String base) throws Exception {
    Command.succeed("rm", "-rf", DIRECTORY.toString());
    var untrained = new Application(packaged(), Application.SHIPPED.flags(), null);
    // Made with an image, so that the files and their times are those of the final image.
    var tar = DIRECTORY.resolve("untrained.tar");
    OperatorImage.makeTar(base, tar, untrained);
    var image = UnpackedImage.of(tar, DIRECTORY.resolve("unpacked"));
    var cache = DIRECTORY.resolve("app.aot").toAbsolutePath();
    train(image, cache);
    var flags =
        Files.writeString(
            DIRECTORY.resolve("jvm.options"),
            Files.readString(untrained.flags())
                + "# Created with the image, from its Java and its files.\n-XX:AOTCache=/app/app.aot\n");
    return new Application(untrained.packaged(), flags, cache);
  }

  /// The operator with one flat class path, because a cache holds only classes of the JVM's own
  /// loaders. It is packaged separately from the operator that is otherwise shipped.
  private static Path packaged() {
    Command.succeed(
        "mvn",
        "-B",
        "-ntp",
        "-q",
        "package",
        "-pl",
        "operator",
        "-Dmaven.test.skip=true",
        "-Dquarkus.package.jar.type=aot-jar",
        "-Dquarkus.package.output-directory=aot/packaged");
    return OperatorModule.TARGET.resolve("aot/packaged");
  }

  private static void train(UnpackedImage image, Path cache) throws IOException {
    var command =
        List.of(
            image.java().toString(),
            "@" + image.root().resolve("app/jvm.options"),
            "-XX:AOTCacheOutput=" + cache,
            "-jar",
            image.root().resolve("app/quarkus-run.jar").toString());
    var kubeconfig = DIRECTORY.resolve("operator.kubeconfig").toAbsolutePath();
    try (var plane = new ControlPlane(DIRECTORY.resolve("cluster"));
        var admin = plane.client()) {
      ControlPlane.install(plane.kubeconfig(), kubeconfig);
      var environment =
          Map.of("KUBECONFIG", kubeconfig.toString(), "CGROUP_POLICY_METRICS_SECURE", "true");
      var operator = new OperatorProcess(command, environment);
      try {
        until(operator, operator::leads);
        var team = new NamespaceBuilder().withNewMetadata().withName("team").endMetadata().build();
        admin.resource(team).create();
        admin.resource(policy()).create();
        until(operator, () -> !admin.limitRanges().inNamespace("team").list().getItems().isEmpty());
      } finally {
        operator.stop(PATIENCE); // the JVM writes its cache when it ends
      }
      if (!Files.isRegularFile(cache)) {
        throw new IOException("the base's Java wrote no AOT cache:\n" + operator.log());
      }
    }
  }

  /// A policy with most features, so that most of the operator's code runs.
  private static CgroupPolicy policy() throws IOException {
    return Sample.of("guard.yaml").policy();
  }

  private static void until(OperatorProcess operator, BooleanSupplier done) {
    Awaitility.await()
        .atMost(PATIENCE)
        .until(
            () -> {
              if (!operator.alive()) {
                throw new IllegalStateException("the operator ended:\n" + operator.log());
              }
              return done.getAsBoolean();
            });
  }
}
