package io.cgrouppolicy.testing;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The cluster that the tests of this JVM share: the one of `-Dcluster.kubeconfig`, or with
/// `-Dcluster=k3s` a k3s container, or an embedded control plane, which watches its stdin and so
/// ends with the JVM even if that is killed.
public final class LocalCluster {
  public static final String OPERATOR_USER =
      "system:serviceaccount:cgroup-policy-system:cgroup-policy-operator";

  /// The user of the token that kubelets receive.
  public static final String KUBELET_READER_USER =
      "system:serviceaccount:cgroup-policy-system:cgroup-policy-kubelet-reader";

  private static LocalCluster instance;
  private static RuntimeException failure;

  private final Path adminKubeconfig;
  private final ControlPlane embedded; // keeps its stdin open; null on another cluster
  private final KubernetesClient admin;

  /// Starts the cluster at the first call. A failed start is not retried for each test.
  public static synchronized LocalCluster get() {
    if (failure != null) {
      throw failure;
    }
    if (instance == null) {
      try {
        instance = new LocalCluster();
      } catch (IOException e) {
        failure = new IllegalStateException(e);
        throw failure;
      } catch (RuntimeException e) {
        failure = e;
        throw failure;
      }
    }
    return instance;
  }

  private LocalCluster() throws IOException {
    var kind = System.getProperty("cluster", "embedded");
    if (!kind.equals("embedded") && !kind.equals("k3s")) {
      throw new IllegalArgumentException(
          "-Dcluster=" + kind + ": there is 'embedded' (the default) and 'k3s'");
    }
    var named = System.getProperty("cluster.kubeconfig", "");
    embedded =
        named.isBlank() && kind.equals("embedded")
            ? new ControlPlane(WorkDirectory.resolve("cluster"))
            : null;
    if (!named.isBlank()) {
      adminKubeconfig = Path.of(named);
    } else if (kind.equals("k3s")) {
      adminKubeconfig = K3s.start(WorkDirectory.resolve("k3s.kubeconfig"));
    } else {
      adminKubeconfig = embedded.kubeconfig();
    }
    admin = ControlPlane.client(adminKubeconfig);
    ControlPlane.install(adminKubeconfig, operatorKubeconfig());
    if (embedded != null) {
      // The garbage collector discovers new kinds every 30 s, or when it starts.
      control("restart-controller-manager");
    }
  }

  public KubernetesClient admin() {
    return admin;
  }

  /// Sends a policy to the API server as a strict dry run. Returns its response, or throws a
  /// KubernetesClientException. Does not use the operator's types, which would drop unknown fields.
  public String dryRun(String yaml) {
    return admin.raw(
        "/apis/cgroup-policy.io/v1alpha1/cgrouppolicies?dryRun=All&fieldValidation=Strict",
        "POST",
        Serialization.unmarshal(yaml, Map.class));
  }

  public Path adminKubeconfig() {
    return adminKubeconfig;
  }

  public Path operatorKubeconfig() {
    return WorkDirectory.resolve("operator.kubeconfig");
  }

  /// Runs a command of the embedded cluster's script, for example `stop-apiserver`.
  public void control(String command) {
    embedded().control(command);
  }

  public void stopApiServer() {
    control("stop-apiserver");
  }

  /// Starts the API server again, and restarts the controller manager, which would otherwise take
  /// up to half a minute to recover and create no ServiceAccounts until then.
  public void startApiServer() {
    control("start-apiserver");
    control("restart-controller-manager");
  }

  public void restartApiServer() {
    stopApiServer();
    startApiServer();
  }

  /// Sends a signal to the embedded cluster's API server. After `STOP`, it keeps its connections
  /// and answers no request until `CONT`.
  public void signalApiServer(String signal) {
    try {
      var pid =
          Files.readString(embedded().state().resolve("run/kube-apiserver.pid")).split(" ")[0];
      Command.succeed("kill", "-" + signal, pid);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private ControlPlane embedded() {
    if (embedded == null) {
      throw new IllegalStateException(
          "this test needs the embedded cluster, and must be marked with @EmbeddedCluster");
    }
    return embedded;
  }

  /// The size of the API server's audit log of writes.
  public long auditBytes() {
    return embedded().state().resolve("audit.log").toFile().length();
  }

  /// The operator's writes so far, as verb and path, from the API server's audit log; without
  /// leases, which are renewed constantly.
  public List<String> operatorWrites() {
    return auditedWrites(OPERATOR_USER).stream()
        .filter(event -> event.path("user").path("username").asText().equals(OPERATOR_USER))
        .filter(event -> !event.path("objectRef").path("resource").asText().equals("leases"))
        .filter(event -> !event.path("requestURI").asText().contains("selfsubject"))
        .map(event -> event.path("verb").asText() + " " + event.path("requestURI").asText())
        .toList();
  }

  /// The events of the API server's audit log so far, one for each answered write.
  ///
  /// @param text part of the lines to parse
  public List<JsonNode> auditedWrites(String text) {
    var events = new ArrayList<JsonNode>();
    embedded()
        .auditLog()
        .read(
            line -> {
              if (line.contains(text) && line.endsWith("}")) {
                events.add(AuditLog.parse(line));
              }
            });
    return events;
  }
}
