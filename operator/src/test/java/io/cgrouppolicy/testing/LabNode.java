package io.cgrouppolicy.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.core.ThrowingRunnable;

/// A cluster whose only node is a virtual machine with a real kubelet: hack/lab-node.
public final class LabNode implements AutoCloseable {
  public static final String NAME = "node-a";

  /// The image that the node has from the start.
  public static final String IMAGE = "localhost/busybox:1";

  private static final String SCRIPT = Path.of("hack/lab-node/node.sh").toAbsolutePath().toString();

  private static LabNode shared;

  private final ControlPlane plane;
  private final Path state;
  private final ReadyProcess process;
  private final KubernetesClient client;
  private final Path operatorKubeconfig;
  private boolean installed;

  /// The node that the test classes of this JVM share. It starts at the first use and ends with the
  /// JVM.
  public static synchronized LabNode shared() throws IOException {
    if (shared == null) {
      shared = new LabNode(WorkDirectory.resolve("lab"));
    }
    return shared;
  }

  /// Returns when the node is Ready. Builds the guest first, unless it is cached.
  ///
  /// @param directory for the cluster, the node and their logs
  /// @param options of the script's command `run`
  public LabNode(Path directory, String... options) throws IOException {
    state = directory.resolve("node");
    plane = new ControlPlane(directory.resolve("cluster"), List.of("--nodes"));
    try {
      var command = new ArrayList<>(List.of(SCRIPT, "run", "--state", state.toString()));
      command.addAll(List.of("--cluster", plane.state().toString()));
      command.addAll(List.of(options));
      process = new ReadyProcess(command, directory.resolve("node.log"));
    } catch (IOException | RuntimeException e) {
      plane.close();
      throw e;
    }
    client = plane.client();
    // Otherwise, the client would look for the CRD once, and it may be created later.
    client.getKubernetesSerialization().registerKubernetesResource(CgroupPolicy.class);
    operatorKubeconfig = directory.resolve("operator.kubeconfig");
  }

  /// Under emulation, a container takes seconds to start.
  public static void eventually(ThrowingRunnable assertion) {
    Fixture.within(Duration.ofMinutes(2), assertion);
  }

  /// Installs what the operator needs, and starts it on this machine with its shipped
  /// ServiceAccount. It asks the kubelet every five seconds.
  public OperatorProcess operator() {
    if (!installed) {
      ControlPlane.install(plane.kubeconfig(), operatorKubeconfig);
      installed = true;
    }
    return new OperatorProcess(
        Map.of(
            "KUBECONFIG", operatorKubeconfig.toString(),
            "CGROUP_POLICY_KUBELET_INTERVAL", "5S",
            "CGROUP_POLICY_PRESSURE_INTERVAL", "5S"));
  }

  /// A client for the admin.
  public KubernetesClient client() {
    return client;
  }

  /// The admin kubeconfig.
  public Path kubeconfig() {
    return plane.kubeconfig();
  }

  public Kubectl kubectl() {
    return new Kubectl(plane.kubeconfig());
  }

  /// Creates an object, as the admin.
  public void create(String yaml) {
    client.resource(yaml).create();
  }

  /// Creates a namespace, and waits until pods can be created in it.
  public void namespace(String name, Map<String, String> labels) {
    create(
        """
        apiVersion: v1
        kind: Namespace
        metadata: {name: %s, labels: %s}
        """
            .formatted(name, Serialization.asJson(labels)));
    var accounts = client.serviceAccounts().inNamespace(name);
    eventually(
        () ->
            assertThat(accounts.withName("default").get())
                .as("the ServiceAccount of " + name)
                .isNotNull());
  }

  /// Deletes a namespace, and waits until its pods are gone.
  public void deleteNamespace(String name) {
    client.namespaces().withName(name).delete();
    eventually(() -> assertThat(client.namespaces().withName(name).get()).isNull());
  }

  public boolean ready() {
    return client.nodes().withName(NAME).isReady();
  }

  /// Runs a command of the guest's shell, as root.
  ///
  /// @return its output
  public String shell(String command) {
    return Command.succeed(SCRIPT, "ssh", "--state", state.toString(), command).strip();
  }

  /// Runs a command of the guest's shell with a file of this machine as its stdin.
  private String shell(String command, Path stdin) {
    var builder = new ProcessBuilder(SCRIPT, "ssh", "--state", state.toString(), command);
    return Command.run(builder.redirectErrorStream(true).redirectInput(stdin.toFile())).success();
  }

  /// The content of a file of the guest, such as one of a cgroup.
  public String read(String path) {
    return shell("cat " + path);
  }

  /// Writes a file of the guest.
  public void write(String path, String content) {
    try {
      var file = Files.createTempFile("lab", null);
      Files.writeString(file, content);
      shell("cat > " + path, file);
      Files.delete(file);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Runs a command that reboots the guest, and waits until the node is Ready again.
  public void reboot(String command) {
    var before = bootId();
    shell("(sleep 1; " + command + ") >/dev/null 2>&1 &");
    eventually(
        () -> {
          assertThat(bootId()).isNotEqualTo(before);
          assertThat(ready()).isTrue();
        });
  }

  private String bootId() {
    return client.nodes().withName(NAME).get().getStatus().getNodeInfo().getBootID();
  }

  /// Gives the guest an image.
  ///
  /// @param archive as `docker save` writes it
  public void load(Path archive) {
    Command.succeed(SCRIPT, "load", "--state", state.toString(), archive.toString());
  }

  /// A base for the operator's image: an archive with a Java.
  public static Path baseImage() {
    var builder =
        new ProcessBuilder(SCRIPT, "base-image").redirectError(ProcessBuilder.Redirect.INHERIT);
    return Path.of(Command.run(builder).success().strip());
  }

  /// The configuration that the kubelet reports, asked as the API server asks it.
  public JsonNode configz() {
    var pki = plane.state().resolve("pki") + File.separator;
    var answer =
        Command.succeed(
            "curl",
            "--silent",
            "--show-error",
            "--fail",
            "--cacert",
            pki + "ca.crt",
            "--cert",
            pki + "apiserver-kubelet-client.crt",
            "--key",
            pki + "apiserver-kubelet-client.key",
            "https://" + process.word() + ":10250/configz");
    return Serialization.unmarshal(answer, JsonNode.class).path("kubeletconfig");
  }

  @Override
  public void close() throws IOException {
    client.close();
    process.close();
    plane.close();
  }
}
