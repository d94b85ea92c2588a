package io.cgrouppolicy.chaos;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static io.cgrouppolicy.testing.Fixture.within;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.LocalCluster;
import io.cgrouppolicy.testing.OperatorProcess;
import io.fabric8.kubernetes.client.internal.KubeConfigUtils;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The operator works through the proxy, and recovers from each of its faults.
class FaultyProxyIT {
  private static final long SEED = 15;

  private static FaultyProxy proxy;
  private static OperatorProcess operator;

  @RegisterExtension final Fixture fixture = new Fixture();

  @BeforeAll
  static void start() throws IOException {
    var direct = LocalCluster.get().operatorKubeconfig();
    proxy = new FaultyProxy(direct, new Random(SEED));
    operator = new OperatorProcess(Map.of("KUBECONFIG", proxy.through(direct).toString()));
    eventually(() -> assertThat(operator.leads()).isTrue());
  }

  @AfterAll
  static void stop() {
    operator.close();
    proxy.close();
  }

  @AfterEach
  void calm() {
    proxy.calm();
  }

  @Test
  void worksUnchangedAndNeverLogsItsToken() throws IOException {
    assertRecovers(Duration.ofSeconds(10));
    assertThat(
            operator.metrics().lines().filter(line -> line.startsWith("cgroup_policy_watch_up{")))
        .isNotEmpty()
        .allMatch(line -> line.endsWith(" 1.0"));
    var token =
        KubeConfigUtils.parseConfig(LocalCluster.get().operatorKubeconfig().toFile())
            .getUsers()
            .getFirst()
            .getUser()
            .getToken();
    assertThat(token).hasSizeGreaterThan(100);
    assertThat(operator.log()).doesNotContain(token);
    assertThat(operator.metrics()).doesNotContain(token);
  }

  @Test
  void cutConnections() {
    proxy.cut();
    assertRecovers(Duration.ofSeconds(30));
  }

  @Test
  void latency() {
    harm(() -> proxy.delay(Duration.ofSeconds(2)));
    assertRecovers(Duration.ofSeconds(30));
  }

  @Test
  void halfOfTheRequestsReset() {
    harm(() -> proxy.reset(0.5));
    assertRecovers(Duration.ofSeconds(60));
  }

  @Test
  void tooManyRequests() {
    harm(() -> proxy.answer(429, "TooManyRequests", 0.9));
    assertRecovers(Duration.ofSeconds(60));
  }

  @Test
  void serverErrors() {
    harm(() -> proxy.answer(500, "InternalError", 0.9));
    assertRecovers(Duration.ofSeconds(60));
  }

  @Test
  void expiredWatches() {
    harm(
        () -> {
          proxy.expireWatches();
          proxy.cut();
        });
    assertRecovers(Duration.ofSeconds(60));
  }

  /// Lets the fault act on a new policy and its namespaces.
  private void harm(Runnable fault) {
    int before = proxy.harmed();
    fault.run();
    for (int i = 0; i < 5; i++) {
      fixture.namespace("harmed" + i);
    }
    fixture.policy("harmed", "mode: Enforce", 256);
    within(Duration.ofSeconds(30), () -> assertThat(proxy.harmed()).isGreaterThan(before));
    proxy.calm();
  }

  private void assertRecovers(Duration time) {
    long start = System.nanoTime();
    var namespace = fixture.namespace("a");
    fixture.policy("p", "mode: Enforce; priority: 5", 512);
    within(
        time,
        () -> {
          assertThat(fixture.memory(namespace)).isEqualTo("512Mi");
          assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant");
        });
    System.out.printf(
        "recovered after %d ms; %d harmed%n",
        Duration.ofNanos(System.nanoTime() - start).toMillis(), proxy.harmed());
  }
}
