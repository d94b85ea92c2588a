package io.cgrouppolicy.shell.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.shell.cluster.WatchGuard.Watched;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WatchGuardTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final WatchGuard guard =
      new WatchGuard(new KubernetesClientBuilder().withConfig(Config.empty()).build());

  @AfterEach
  void stop() {
    guard.stop();
    Metrics.removeRegistry(registry);
  }

  private void watch(AtomicBoolean up) {
    watch("tests", up::get, () -> true);
  }

  private void watch(String plural, BooleanSupplier up, BooleanSupplier running) {
    guard
        .watches("tests are")
        .start(List.of(new Watched("", plural, () -> true, up, running, null)), () -> {});
  }

  /// The watches on policies and namespaces have no informer of ours.
  @Test
  void aWatchThatTheSdkStartedCanEndToo() {
    var running = new AtomicBoolean(true);
    watch("others", () -> true, running::get);
    assertThat(guard.ended()).isEmpty();
    running.set(false);
    assertThat(guard.ended()).containsExactly("others");
  }

  @Test
  void aResourceWithSeveralWatchesIsUpOnlyIfAllAre() {
    Metrics.addRegistry(registry);
    var first = new AtomicBoolean(true);
    var second = new AtomicBoolean(true);
    watch(first);
    watch(second);
    var gauge = registry.get("cgroup_policy_watch_up").tag("resource", "tests").gauge();
    assertThat(gauge.value()).isOne();
    second.set(false);
    assertThat(gauge.value()).isZero();
    second.set(true);
    first.set(false);
    assertThat(gauge.value()).isZero();
  }
}
