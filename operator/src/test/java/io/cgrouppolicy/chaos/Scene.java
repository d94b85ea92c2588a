package io.cgrouppolicy.chaos;

import io.cgrouppolicy.testing.ControlPlane;
import io.cgrouppolicy.testing.OperatorModule;
import io.cgrouppolicy.testing.kubelet.KubeletFleet;
import io.cgrouppolicy.testing.kubelet.SimulatedKubelet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/// The world into which faults are injected: a control plane of its own, two replicas of the
/// operator, simulated kubelets, and a load that changes objects.
final class Scene implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final Path directory;
  private final SplittableRandom random;
  private final ControlPlane controlPlane;
  private final KubernetesClient admin;
  private final KubeletFleet fleet;
  private final List<SimulatedKubelet> kubelets;
  private final Population population;
  private final Load load;
  private final FaultyProxy proxy;
  private final Replicas replicas;
  private final Outages outages = new Outages();

  /// @param directory for the control plane's state and logs, and kubeconfigs
  /// @param lease the operator's settings for its lease; empty for the defaults
  Scene(Path directory, Population.Size size, long seed, Map<String, String> lease)
      throws IOException {
    this.directory = Files.createDirectories(directory);
    random = new SplittableRandom(seed);
    controlPlane =
        new ControlPlane(
            directory.resolve("cluster"),
            OperatorModule.TEST_RESOURCES.resolve("chaos/audit-policy.yaml").toAbsolutePath());
    admin = controlPlane.client();
    ControlPlane.install(controlPlane.kubeconfig(), operatorKubeconfig());
    controlPlane.control("restart-controller-manager"); // so that it knows the new kind at once
    fleet = KubeletFleet.start(admin);
    kubelets =
        fleet.nodes(
            "chaos-node",
            size.nodes(),
            node -> node.labels(Map.of("pool", "chaos")).patch(Population.KUBELET));
    population = new Population(admin, size);
    population.create();
    load = new Load(admin, population, kubelets, random.split());
    proxy = new FaultyProxy(operatorKubeconfig(), random.split());
    var proxied = proxy.through(operatorKubeconfig());
    replicas = new Replicas(admin, lease);
    for (int i = 0; i < 2; i++) {
      replicas.start(
          proxied, directory, Map.of("CGROUP_POLICY_KUBELET_CA_FILE", fleet.caFile().toString()));
    }
  }

  Path directory() {
    return directory;
  }

  /// Where the API server is, and a token of the operator.
  Path operatorKubeconfig() {
    return directory.resolve("operator.kubeconfig");
  }

  KubernetesClient admin() {
    return admin;
  }

  /// For the decisions of faults; it repeats with the seed.
  RandomGenerator random() {
    return random;
  }

  ControlPlane controlPlane() {
    return controlPlane;
  }

  /// Between the replicas and the API server.
  FaultyProxy proxy() {
    return proxy;
  }

  Replicas replicas() {
    return replicas;
  }

  KubeletFleet fleet() {
    return fleet;
  }

  List<SimulatedKubelet> kubelets() {
    return kubelets;
  }

  Population population() {
    return population;
  }

  Load load() {
    return load;
  }

  Outages outages() {
    return outages;
  }

  /// Declares that no operator can write until the result is closed: during that time, a namespace
  /// may be without its LimitRange.
  Outages.Open outage() {
    return outages.open();
  }

  /// The end of a fault.
  ///
  /// @param recovered how long it took until the cluster was what the policies say
  /// @param judged how long it took until the verdicts were on the current versions of the policies
  ///     and none was Observing
  /// @param differences what was still wrong at the end of patience; empty if nothing
  record Calm(Duration recovered, Duration judged, List<String> differences) {}

  /// Pauses the load, and waits until the cluster is what the policies say.
  Calm calm() throws InterruptedException {
    load.pause();
    fleet.forgetAuthorizations(); // kubelets remember a refusal for longer than this is patient
    var start = Instant.now();
    var judged = Duration.ZERO;
    while (true) {
      var undecided = answered(() -> Oracle.undecided(admin));
      var differences =
          undecided.isEmpty()
              ? answered(() -> Oracle.of(admin, served()).differences())
              : undecided;
      var passed = Duration.between(start, Instant.now());
      note(passed, differences);
      if (!undecided.isEmpty()) {
        judged = passed;
      }
      if (differences.isEmpty() || passed.compareTo(PATIENCE) > 0) {
        return new Calm(passed, judged, differences);
      }
      pass(Duration.ofMillis(200));
    }
  }

  /// Keeps what differed meanwhile, to explain a slow recovery.
  private void note(Duration passed, List<String> differences) {
    try {
      Files.write(
          directory.resolve("differences.log"),
          differences.stream().map(line -> Instant.now() + " " + passed + " " + line).toList(),
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> answered(Supplier<List<String>> differences) {
    try {
      return differences.get();
    } catch (KubernetesClientException e) {
      return List.of("the API server does not answer: " + e.getMessage());
    }
  }

  /// What each kubelet serves, by node.
  private Map<String, World.Kubelet> served() {
    return kubelets.stream()
        .collect(
            Collectors.toMap(
                SimulatedKubelet::name,
                kubelet ->
                    new World.Kubelet(
                        kubelet.served("/configz"), kubelet.served("/stats/summary"))));
  }

  /// Lets a fault last for this time, or for a fifth of it in the short form.
  void last(Duration time) {
    boolean brief = population.size().equals(Population.Size.SHORT);
    pass(brief ? time.dividedBy(5) : time);
  }

  /// Waits without a condition.
  static void pass(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() throws IOException {
    load.close();
    replicas.close();
    proxy.close();
    fleet.close();
    admin.close();
    Files.move(
        controlPlane.state().resolve("audit.log"),
        directory.resolve("audit.log"),
        StandardCopyOption.REPLACE_EXISTING);
    controlPlane.close();
  }
}
