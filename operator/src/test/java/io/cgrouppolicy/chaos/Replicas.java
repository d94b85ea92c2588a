package io.cgrouppolicy.chaos;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.awaitility.Awaitility;

/// The operator's replicas. A thread starts each process that has ended again, like a kubelet.
final class Replicas implements AutoCloseable {
  private static final Map<String, String> SETTINGS =
      Map.of(
          "CGROUP_POLICY_KUBELET_INTERVAL", "3S",
          "CGROUP_POLICY_KUBELET_TIMEOUT", "2S",
          "CGROUP_POLICY_PRESSURE_INTERVAL", "3S");

  private final KubernetesClient admin;
  private final Map<String, String> lease;
  private final List<Replica> replicas = new ArrayList<>();
  private final Thread keeper;
  private volatile boolean closed;

  /// Starts none.
  Replicas(KubernetesClient admin, Map<String, String> lease) {
    this.admin = admin;
    this.lease = lease;
    this.keeper = Thread.ofPlatform().daemon().name("kubelet of the replicas").start(this::keep);
  }

  /// @param template a kubeconfig, whose token is replaced
  /// @param settings environment variables, in addition to short periods
  Replica start(Path template, Path directory, Map<String, String> settings) throws IOException {
    var name = "replica-" + (replicas.size() + 1);
    var token = Token.mint(admin, Duration.ofHours(24));
    var kubeconfig = directory.resolve(name + ".kubeconfig");
    Files.writeString(
        kubeconfig,
        Files.readString(template)
            .replaceFirst("token: \"[^\"]*\"", "token: \"" + token.value() + "\""));
    var replica = new Replica(name, token, kubeconfig, lease);
    SETTINGS.forEach(replica::with);
    settings.forEach(replica::with);
    synchronized (replicas) {
      replicas.add(replica);
    }
    replica.startIfEnded();
    return replica;
  }

  List<Replica> all() {
    synchronized (replicas) {
      return List.copyOf(replicas);
    }
  }

  /// The identity of the process that holds the lease, or nothing.
  Optional<String> holder() {
    var lease =
        admin.leases().inNamespace("cgroup-policy-system").withName("cgroup-policy-operator").get();
    return Optional.ofNullable(lease)
        .map(found -> found.getSpec().getHolderIdentity())
        .filter(holder -> !holder.isEmpty());
  }

  /// Waits until a replica that runs says that it leads, and the lease names it.
  Replica leader() {
    return leader("");
  }

  /// Waits until another process than this holds the lease, and says that it leads.
  Replica leader(String before) {
    var found = new Replica[1];
    Awaitility.await()
        .atMost(Duration.ofMinutes(2))
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(50))
        .ignoreException(KubernetesClientException.class)
        .until(
            () -> {
              var holder = holder().filter(identity -> !identity.equals(before)).orElse("");
              found[0] =
                  all().stream()
                      .filter(replica -> holder.startsWith(replica.name() + "_"))
                      .filter(replica -> replica.process().alive())
                      .filter(replica -> replica.process().log().contains("leading as " + holder))
                      .findFirst()
                      .orElse(null);
              return found[0] != null;
            });
    return found[0];
  }

  private void keep() {
    while (!closed) {
      all().forEach(Replica::startIfEnded);
      Scene.pass(Duration.ofMillis(200));
    }
  }

  @Override
  public void close() {
    closed = true;
    Scene.join(keeper);
    all().stream()
        .map(Replica::process)
        .filter(process -> process.alive())
        .forEach(process -> process.kill());
  }
}
