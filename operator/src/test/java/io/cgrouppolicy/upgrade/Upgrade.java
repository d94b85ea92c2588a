package io.cgrouppolicy.upgrade;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static io.cgrouppolicy.testing.Fixture.within;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.cgrouppolicy.testing.AuditLog;
import io.cgrouppolicy.testing.ControlPlane;
import io.cgrouppolicy.testing.LocalCluster;
import io.cgrouppolicy.testing.OperatorProcess;
import io.cgrouppolicy.testing.WorkDirectory;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Upgrades a cluster from the previous release to this one and back, as a Deployment rolls: CRD
/// and roles first, then a new operator beside the old one, which then stops. Shows what that
/// costs, and fails if it costs a write to an existing object, or a namespace its limits. A
/// program: `make upgrade`.
public final class Upgrade implements AutoCloseable {
  private static final String ARRIVAL = "upgrade-arrival-";

  /// How long a namespace may take to get its LimitRange, beyond the time that no operator led.
  private static final Duration PROMPT = Duration.ofSeconds(2);

  private final Path directory;
  private final ControlPlane controlPlane;
  private final UpgradeScene scene;

  /// @param name of the row
  /// @param writes to objects that existed before
  /// @param arrivals namespaces created while the operators changed
  /// @param gap the longest time that one of them had no LimitRange
  /// @param unled how long no operator led
  /// @param statuses that differ, by policy
  /// @param rejected policies that the schema rejects now
  record Row(
      String name,
      List<String> writes,
      int arrivals,
      Duration gap,
      Duration unled,
      Set<String> statuses,
      List<String> rejected) {
    boolean holds() {
      return writes.isEmpty()
          && arrivals > 0
          && gap.compareTo(unled.plus(PROMPT)) <= 0
          && statuses.isEmpty()
          && rejected.isEmpty();
    }
  }

  private Upgrade(Path directory) throws IOException {
    this.directory = directory;
    controlPlane = new ControlPlane(directory.resolve("cluster"));
    install(Path.of(""));
    controlPlane.control("restart-controller-manager"); // so that it knows the new kind at once
    scene = new UpgradeScene(controlPlane.client());
  }

  public static void main(String[] args) {
    int code = 1;
    try {
      var rows = run(WorkDirectory.resolve(""));
      System.out.printf(
          "%-34s %7s %9s %9s %9s %9s %9s  %s%n",
          "", "writes", "arrivals", "gap s", "unled s", "statuses", "rejected", "holds");
      for (var row : rows) {
        System.out.printf(
            "%-34s %7d %9d %9.1f %9.1f %9d %9d  %s%n",
            row.name(),
            row.writes().size(),
            row.arrivals(),
            row.gap().toMillis() / 1e3,
            row.unled().toMillis() / 1e3,
            row.statuses().size(),
            row.rejected().size(),
            row.holds() ? "yes" : "NO: " + row);
      }
      code = rows.stream().allMatch(Row::holds) ? 0 : 1;
    } catch (Exception | AssertionError e) {
      e.printStackTrace();
    }
    System.exit(code); // clients leave threads behind
  }

  /// @param directory for the control plane's state, and logs
  static List<Row> run(Path directory) throws Exception {
    var previous = PreviousRelease.build();
    try (var upgrade = new Upgrade(directory)) {
      return upgrade.run(previous);
    }
  }

  private List<Row> run(PreviousRelease previous) throws Exception {
    install(previous.directory());
    scene.applyPolicies();
    applyArrivals();
    var old = previous.start(settings());
    eventually(() -> assertThat(old.leads()).isTrue());
    scene.settled();

    var next = new OperatorProcess[2];
    var up =
        replace(
            previous.version() + " to this",
            Path.of(""),
            old,
            () -> next[0] = new OperatorProcess(settings()));
    scene.assertWorks("320Mi");
    scene.settled();
    var down =
        replace(
            "back to " + previous.version(),
            previous.directory(),
            next[0],
            () -> next[1] = previous.start(settings()));
    scene.assertWorks("384Mi");
    next[1].close();
    return List.of(up, down);
  }

  @FunctionalInterface
  private interface Start {
    OperatorProcess start();
  }

  /// @param release the directory of the manifests to apply
  /// @param leader the operator that leads, and is stopped
  private Row replace(String name, Path release, OperatorProcess leader, Start start)
      throws Exception {
    var statuses = scene.statuses();
    var children = scene.children();
    var from = Instant.now();
    install(release);
    var arrivals = new Arrivals();
    var arriving = Thread.ofPlatform().start(arrivals);
    var next = start.start();
    eventually(() -> assertThat(next.get("/q/health/ready")).startsWith("200"));
    var stopping = Instant.now();
    leader.stop(Duration.ofSeconds(20));
    within(Duration.ofMinutes(2), () -> assertThat(next.leads()).isTrue());
    var unled = Duration.between(stopping, Instant.now());
    arrivals.until = Instant.now().plusSeconds(1);
    arriving.join();
    within(
        Duration.ofMinutes(1),
        () -> assertThat(timesOf("limitranges", "create", from)).containsKeys(arrivals.names()));

    var differing = new HashSet<String>();
    var after = scene.settled();
    statuses.forEach(
        (policy, status) -> {
          if (!policy.startsWith(ARRIVAL) && !status.equals(after.get(policy))) {
            differing.add(policy + "\n  was " + status + "\n  is " + after.get(policy));
          }
        });
    var lost = new TreeMap<>(children);
    lost.entrySet().removeAll(scene.children().entrySet());
    assertThat(lost).as("objects that changed").isEmpty();
    var created = timesOf("namespaces", "create", from);
    var gap =
        timesOf("limitranges", "create", from).entrySet().stream()
            .filter(entry -> created.containsKey(entry.getKey()))
            .map(entry -> Duration.between(created.get(entry.getKey()), entry.getValue()))
            .max(Duration::compareTo)
            .orElse(Duration.ofDays(1));
    return new Row(
        name,
        writesToExisting(from, created.keySet()),
        created.size(),
        gap,
        unled,
        differing,
        rejected());
  }

  private Map<String, String> settings() {
    var settings = new HashMap<>(scene.settings());
    settings.put("KUBECONFIG", directory.resolve("operator.kubeconfig").toString());
    return settings;
  }

  private void install(Path release) {
    ControlPlane.install(
        controlPlane.kubeconfig(), directory.resolve("operator.kubeconfig"), release);
  }

  /// A policy for the namespaces that arrive while operators change, so that those of the other
  /// policies stay as they are.
  private void applyArrivals() {
    scene.apply(
        Serialization.unmarshal(
            """
            apiVersion: cgroup-policy.io/v1alpha1
            kind: CgroupPolicy
            metadata: {name: upgrade-arrival-policy}
            spec:
              mode: Enforce
              namespaces:
                selector: {matchLabels: {arrival: "true"}}
                limitRange: {limits: [{type: Container, default: {memory: 256Mi}}]}
                resourceQuota: {hard: {pods: "10"}}
            """,
            GenericKubernetesResource.class));
  }

  /// Creates a namespace several times a second.
  private final class Arrivals implements Runnable {
    private static final AtomicInteger COUNT = new AtomicInteger();
    private final int first = COUNT.get();
    private volatile Instant until = Instant.MAX;

    @Override
    public void run() {
      while (Instant.now().isBefore(until)) {
        scene
            .admin()
            .resource(
                new NamespaceBuilder()
                    .withNewMetadata()
                    .withName(ARRIVAL + COUNT.getAndIncrement())
                    .addToLabels("arrival", "true")
                    .endMetadata()
                    .build())
            .create();
        try {
          Thread.sleep(200);
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
      }
    }

    String[] names() {
      return IntStream.range(first, COUNT.get()).mapToObj(i -> ARRIVAL + i).toArray(String[]::new);
    }
  }

  /// Stored policies that the schema in force rejects, if they are written again as they are.
  private List<String> rejected() {
    return scene.policyObjects().stream()
        .flatMap(
            policy -> {
              try {
                var object =
                    Serialization.unmarshal(policy.toString(), GenericKubernetesResource.class);
                object.getMetadata().setManagedFields(null);
                object.getMetadata().setUid(null);
                object.getMetadata().setName(object.getMetadata().getName() + "-again");
                object.getMetadata().setResourceVersion(null);
                scene.admin().resource(object).dryRun().create();
                return Stream.empty();
              } catch (KubernetesClientException e) {
                return Stream.of(e.getMessage());
              }
            })
        .toList();
  }

  /// The operator's writes of LimitRanges, ResourceQuotas and remedies since a time, except the
  /// creation of one in a namespace that arrived, and one write of each remedy, whose README may
  /// change.
  private List<String> writesToExisting(Instant from, Set<String> arrivals) {
    var seen = new HashSet<String>();
    return events(from).stream()
        .filter(event -> event.at("/user/username").asText().equals(LocalCluster.OPERATOR_USER))
        .filter(
            event ->
                Set.of("limitranges", "resourcequotas", "configmaps")
                    .contains(event.at("/objectRef/resource").asText()))
        .map(event -> event.path("verb").asText() + " " + event.path("requestURI").asText())
        .filter(write -> !isExpected(write, arrivals) || !seen.add(write))
        .toList();
  }

  private static boolean isExpected(String write, Set<String> arrivals) {
    return write.contains("/configmaps/cgroup-policy-remedy-")
        || write.startsWith("create ")
            && arrivals.stream().anyMatch(name -> write.contains("/" + name + "/"));
  }

  /// When each namespace had its first write of this kind.
  private Map<String, Instant> timesOf(String resource, String verb, Instant from) {
    var times = new TreeMap<String, Instant>();
    for (var event : events(from)) {
      var name =
          event.at("/objectRef/" + (resource.equals("namespaces") ? "name" : "namespace")).asText();
      if (event.at("/objectRef/resource").asText().equals(resource)
          && event.path("verb").asText().equals(verb)
          && name.startsWith(ARRIVAL)
          && event.at("/responseStatus/code").asInt() == 201) {
        times.putIfAbsent(name, Instant.parse(event.path("stageTimestamp").asText()));
      }
    }
    return times;
  }

  private List<JsonNode> events(Instant from) {
    var events = new ArrayList<JsonNode>();
    controlPlane
        .auditLog()
        .read(
            line -> {
              if (line.endsWith("}")) {
                events.add(AuditLog.parse(line));
              }
            });
    events.removeIf(event -> !Instant.parse(event.path("stageTimestamp").asText()).isAfter(from));
    return events;
  }

  @Override
  public void close() throws Exception {
    scene.close();
    scene.admin().close();
    controlPlane.close();
  }
}
