package io.cgrouppolicy.bench;

import io.cgrouppolicy.testing.Tool;
import io.cgrouppolicy.testing.WorkDirectory;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;

/// Does the work of [RawClient] in Go, with client-go: the program in `hack/tools/apibench`.
final class GoClient {
  private final Tool program = Tool.named("apibench");
  private final String server;
  private final Path ca = WorkDirectory.resolve("apibench-ca.pem");
  private final Path token = WorkDirectory.resolve("apibench-token");

  GoClient(KubernetesClient client) throws IOException {
    var config = client.getConfiguration();
    server = config.getMasterUrl();
    Files.write(ca, Base64.getDecoder().decode(config.getCaCertData()));
    Files.writeString(token, config.getOauthToken());
  }

  /// The seconds that the work takes in `n` namespaces, each named by the prefix and a number.
  ///
  /// @param work `namespaces`, `apply`, `create` or `delete`
  /// @param name of the objects
  double run(String work, int n, String prefix, String name) {
    var output =
        program.succeed(
            "-server=" + server,
            "-ca=" + ca,
            "-token=" + token,
            "-n=" + n,
            "-prefix=" + prefix,
            "-name=" + name,
            work);
    return Double.parseDouble(output.lines().toList().getLast());
  }
}
