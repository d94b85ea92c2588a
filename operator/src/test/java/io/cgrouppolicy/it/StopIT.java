package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static io.cgrouppolicy.testing.OperatorProcess.SHORT_LEASE;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.cgrouppolicy.testing.EmbeddedCluster;
import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.LocalCluster;
import io.cgrouppolicy.testing.OperatorModule;
import io.cgrouppolicy.testing.OperatorProcess;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// The operator stops on SIGTERM whatever the API server does: a kubelet sends SIGKILL after
/// terminationGracePeriodSeconds (15, config/manager), and a lease that is not released delays the
/// next leader for a minute.
class StopIT {
  /// 128 plus the number of SIGTERM, as for a normal stop.
  private static final int TERMINATED = 143;

  private static final int OUT_OF_MEMORY = 3;

  /// A stop takes half a second, but tests share their machine.
  private static final Duration PROMPT = Duration.ofSeconds(5);

  /// The limit if everything times out: 3 seconds, 5 with writes in flight.
  private static final Duration IN_TIME = Duration.ofSeconds(8);

  @TempDir Path directory;
  @RegisterExtension final Fixture fixture = new Fixture();

  @Test
  void endsWhileItWaitsForAnApiServerThatIsAway() throws IOException {
    int closed;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      closed = socket.getLocalPort();
    }
    try (var operator = operatorOf("https://127.0.0.1:" + closed)) {
      eventually(() -> assertThat(operator.get("/q/health/started")).startsWith("503"));
      assertThat(operator.get("/q/health/live")).startsWith("200");
      assertEndsQuietly(operator);
    }
  }

  @Test
  void endsWhileItWaitsForAnApiServerThatNeverAnswers() throws IOException {
    try (var silent = new Silent(Set.of());
        var operator = operatorOf(silent.address())) {
      eventually(() -> assertThat(silent.asked).contains("/version"));
      assertEndsQuietly(operator);
    }
  }

  /// While the SDK waits for its first lists.
  @Test
  void endsWhileItStartsWithAnApiServerThatNoLongerAnswers() throws IOException {
    try (var silent = new Silent(Set.of("/version"));
        var operator = operatorOf(silent.address())) {
      eventually(() -> assertThat(silent.asked).contains("/api/v1/namespaces", "/api/v1/nodes"));
      eventually(() -> assertThat(operator.get("/q/health/started")).startsWith("503"));
      assertThat(operator.get("/q/health/live")).startsWith("200");
      assertEndsQuietly(operator);
    }
  }

  private static void assertEndsQuietly(OperatorProcess operator) {
    assertThat(operator.stop(PROMPT)).isEqualTo(TERMINATED);
    assertThat(operator.log().lines())
        .filteredOn(line -> line.contains("\"loggerName\":\"io.cgrouppolicy"))
        .isNotEmpty()
        .noneMatch(line -> line.contains("\"level\":\"ERROR\""));
  }

  @Test
  @EmbeddedCluster("stops the API server")
  void endsWhenItLeadsAndTheApiServerHasGone() {
    try (var operator = OperatorProcess.start()) {
      eventually(() -> assertThat(operator.leads()).isTrue());
      LocalCluster.get().stopApiServer();
      try {
        assertThat(operator.stop(PROMPT)).isEqualTo(TERMINATED);
        assertThat(operator.log())
            .contains("the lease could not be given back")
            .doesNotContain("the lease was lost");
      } finally {
        LocalCluster.get().startApiServer();
      }
      lease().delete();
    }
  }

  /// Closing a connection waits for the peer to close it too.
  @Test
  @EmbeddedCluster("freezes the API server")
  void endsWhenItLeadsAndTheApiServerHangs() {
    try (var operator = OperatorProcess.start()) {
      eventually(() -> assertThat(operator.leads()).isTrue());
      LocalCluster.get().signalApiServer("STOP");
      try {
        assertThat(operator.stop(IN_TIME)).isEqualTo(TERMINATED);
      } finally {
        LocalCluster.get().signalApiServer("CONT");
      }
      lease().delete();
    }
  }

  /// Deletes a lease that its holder could not release.
  private static Resource<Lease> lease() {
    return LocalCluster.get()
        .admin()
        .leases()
        .inNamespace("cgroup-policy-system")
        .withName("cgroup-policy-operator");
  }

  @Test
  void endsWithAnErrorWhenItsLeaseIsTaken() {
    try (var operator = new OperatorProcess(SHORT_LEASE)) {
      eventually(() -> assertThat(operator.leads()).isTrue());
      takeLease();
      eventually(() -> assertThat(operator.alive()).isFalse());
      assertThat(operator.stop(PROMPT)).as("it had ended by itself").isEqualTo(1);
      assertThat(operator.log()).contains("the lease was lost");
      assertThat(lease().get().getSpec().getHolderIdentity()).isEqualTo("another");
      lease().delete();
    }
  }

  /// As on a node that hangs: when it goes on, another replica leads and may have written.
  @Test
  void endsWithoutAWriteWhenItWasSuspended() {
    var namespace = fixture.namespace("a");
    try (var operator = new OperatorProcess(SHORT_LEASE)) {
      fixture.policy("p", "mode: Enforce", 256);
      eventually(() -> assertThat(fixture.status("p", "Ready")).isEqualTo("True Enforced"));
      operator.signal("STOP");
      try {
        takeLease();
        var end = Instant.now().plusSeconds(5); // longer than the leader may fail to renew
        eventually(() -> assertThat(Instant.now()).isAfter(end));
        fixture.client.resource(fixture.limitRange(namespace)).delete();
      } finally {
        operator.signal("CONT");
      }
      eventually(() -> assertThat(operator.alive()).isFalse());
      assertThat(operator.stop(PROMPT)).as("it had ended by itself").isEqualTo(1);
      assertThat(fixture.limitRange(namespace)).isNull();
      lease().delete();
    }
  }

  /// Ignores the version, because the lease is renewed every second.
  private static void takeLease() {
    lease()
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            "{\"spec\": {\"holderIdentity\": \"another\", \"renewTime\": \"%s\"}}"
                .formatted(Instant.now().truncatedTo(ChronoUnit.MICROS)));
  }

  /// With the JVM's exit status, so that the kubelet restarts it.
  @Test
  void endsWhenItsHeapIsFull() {
    var command =
        OperatorProcess.command(OperatorModule.PACKAGED, List.of("-Xmx12m", "-Xms12m", "-Xmn4m"));
    try (var operator = new OperatorProcess(command, Map.of())) {
      eventually(() -> assertThat(operator.alive()).isFalse());
      assertThat(operator.stop(PROMPT)).isEqualTo(OUT_OF_MEMORY);
      assertThat(operator.log()).contains("Terminating due to java.lang.OutOfMemoryError");
    }
  }

  @Test
  @EmbeddedCluster("stops the API server")
  void startsWhenTheApiServerComesBack() {
    LocalCluster.get().stopApiServer();
    try (var operator = OperatorProcess.start()) {
      try {
        eventually(() -> assertThat(operator.log()).contains("waiting for the API server"));
        eventually(() -> assertThat(operator.get("/q/health/started")).startsWith("503"));
      } finally {
        LocalCluster.get().startApiServer();
      }
      eventually(() -> assertThat(operator.get("/q/health/started")).startsWith("200"));
      try (var fixture = new Fixture()) {
        var namespace = fixture.namespace("a");
        fixture.policy("p", "mode: Enforce", 256);
        eventually(() -> assertThat(fixture.quota(namespace)).isNotNull());
      }
    }
  }

  private OperatorProcess operatorOf(String server) throws IOException {
    var kubeconfig = directory.resolve("kubeconfig");
    Files.writeString(
        kubeconfig,
        """
        apiVersion: v1
        kind: Config
        clusters: [{name: other, cluster: {server: "%s"}}]
        users: [{name: operator, user: {token: none}}]
        contexts: [{name: other, context: {cluster: other, user: operator}}]
        current-context: other
        """
            .formatted(server));
    return new OperatorProcess(Map.of("KUBECONFIG", kubeconfig.toString()));
  }

  /// An API server that answers some paths and lets all other requests hang.
  private static final class Silent implements AutoCloseable {
    private final HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);

    /// The paths of the requests so far.
    final Set<String> asked = ConcurrentHashMap.newKeySet();

    Silent(Set<String> answered) throws IOException {
      server.createContext(
          "/",
          exchange -> {
            var path = exchange.getRequestURI().getPath();
            if (answered.contains(path)) {
              var body = "{}".getBytes(StandardCharsets.UTF_8);
              exchange.getResponseHeaders().add("Content-Type", "application/json");
              exchange.sendResponseHeaders(200, body.length);
              exchange.getResponseBody().write(body);
              exchange.close();
            }
            asked.add(path);
          });
      server.start();
    }

    String address() {
      return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    @Override
    public void close() {
      server.stop(0);
    }
  }
}
