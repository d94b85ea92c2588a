package io.cgrouppolicy.testing;

import com.dajudge.kindcontainer.K3sContainer;
import com.dajudge.kindcontainer.K3sContainerVersion;
import com.dajudge.kindcontainer.KubernetesVersionEnum;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.testcontainers.DockerClientFactory;

/// Starts the same k3s container as Quarkus Dev Services with `flavor=k3s`, in their default
/// version. docs/adr/0005 says why they are not used.
final class K3s {
  private K3s() {}

  /// Starts k3s and writes its admin kubeconfig. Testcontainers removes it when this JVM ends, even
  /// if it is killed.
  ///
  /// @throws IllegalStateException if no container engine answers
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
