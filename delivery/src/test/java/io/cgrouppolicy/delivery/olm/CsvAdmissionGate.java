package io.cgrouppolicy.delivery.olm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cgrouppolicy.testing.ControlPlane;
import io.cgrouppolicy.testing.Kubectl;
import io.cgrouppolicy.testing.Tool;
import io.cgrouppolicy.testing.WorkDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// An API server with OLM's own CRD validates the CSV.
class CsvAdmissionGate {
  private static final Path CSV =
      OlmBundle.DIRECTORY.resolve("manifests/cgroup-policy-operator.clusterserviceversion.yaml");

  @AutoClose private static ControlPlane cluster;

  @BeforeAll
  static void install() throws IOException {
    cluster = new ControlPlane(WorkDirectory.resolve("olm-crd"));
    var crds = Tool.source("operator-sdk", "github.com/operator-framework/api").resolve("crds");
    var crd = crds.resolve("operators.coreos.com_clusterserviceversions.yaml");
    kubectl("apply", "--server-side", "-f", crd.toString());
    new Kubectl(cluster.kubeconfig())
        .awaitEstablished("clusterserviceversions.operators.coreos.com");
  }

  private static String kubectl(String... arguments) {
    return new Kubectl(cluster.kubeconfig()).succeed(arguments);
  }

  private static String apply(Path file) {
    return kubectl("apply", "--dry-run=server", "--validate=strict", "-f", file.toString());
  }

  @Test
  void itIsAccepted() throws IOException {
    assertThat(apply(CSV))
        .contains(BundleFiles.read(OlmBundle.DIRECTORY).name() + " created (server dry run)")
        .doesNotContain("Warning");
  }

  @Test
  void anUnknownFieldIsRefused(@TempDir Path work) throws IOException {
    var file = work.resolve("csv.yaml");
    Files.writeString(file, Files.readString(CSV).replace("  maturity:", "  ripeness:"));

    assertThatThrownBy(() -> apply(file)).hasMessageContaining("unknown field \"spec.ripeness\"");
  }

  @Test
  void aWrongTypeIsRejected(@TempDir Path work) throws IOException {
    var file = work.resolve("csv.yaml");
    Files.writeString(
        file, Files.readString(CSV).replaceFirst("supported: true", "supported: \"yes\""));

    assertThatThrownBy(() -> apply(file)).hasMessageContaining("spec.installModes");
  }
}
