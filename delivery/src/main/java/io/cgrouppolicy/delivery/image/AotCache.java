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

/// Makes an application with an AOT cache: runs the operator once, with the very Java of the
/// image's base, on an embedded control plane, till it has protected a namespace, so that the JVM
/// knows what will be needed. A JVM takes a cache only of its own build, with its own flags, and of
/// the very files of its class path; with others it goes on without.
final class AotCache {
  private static final Path DIRECTORY = Path.of("target/aot");
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private AotCache() {}

  /// @param base an image, as Jib takes it, whose Java runs on this machine
  static Application trained(String base) throws Exception {
    Command.succeed("rm", "-rf", DIRECTORY.toString());
    var untrained = new Application(packaged(), Application.SHIPPED.flags(), null);
    // Through an image, so that the files are what they will be, times included.
    var tar = DIRECTORY.resolve("untrained.tar");
    OperatorImage.makeTar(base, tar, untrained);
    var image = UnpackedImage.of(tar, DIRECTORY.resolve("unpacked"));
    var cache = DIRECTORY.resolve("app.aot").toAbsolutePath();
    train(image, cache);
    var flags =
        Files.writeString(
            DIRECTORY.resolve("jvm.options"),
            Files.readString(untrained.flags())
                + "# Made when the image was, with its Java and its files.\n-XX:AOTCache=/app/app.aot\n");
    return new Application(untrained.packaged(), flags, cache);
  }

  /// The operator with one flat class path, as a cache holds classes of the JVM's own loaders only;
  /// apart from the one that is shipped otherwise.
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
        operator.stop(PATIENCE); // the JVM writes its cache in the end
      }
      if (!Files.isRegularFile(cache)) {
        throw new IOException("the base's Java wrote no AOT cache:\n" + operator.log());
      }
    }
  }

  /// With most of what a policy can have, so that most of the operator is in use.
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
