package io.cgrouppolicy.testing;

import com.dajudge.kindcontainer.K3sContainer;
import com.dajudge.kindcontainer.K3sContainerVersion;
import com.dajudge.kindcontainer.KubernetesVersionEnum;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.testcontainers.DockerClientFactory;

/// The k3s that Quarkus Dev Services start for `flavor=k3s`: the same container, of the version
/// that they take by default. Why not by way of them: docs/adr/0005.
final class K3s {
  private K3s() {}

  /// Starts it and writes its admin kubeconfig. Testcontainers removes it when this JVM ends,
  /// however that ends.
  ///
  /// @throws IllegalStateException when no container engine answers
  static Path start(Path kubeconfig) throws IOException {
    if (!DockerClientFactory.instance().isDockerAvailable()) {
      throw new IllegalStateException(
          "-Dcluster=k3s needs a container engine (Docker, or Podman with its Docker socket), and"
              + " none answers. Without -Dcluster the tests use the embedded control plane.");
    }
    var k3s = new K3sContainer<>(KubernetesVersionEnum.latest(K3sContainerVersion.class));
    k3s.start();
    Files.createDirectories(kubeconfig.getParent());
    return Files.writeString(kubeconfig, k3s.getKubeconfig());
  }
}
