package io.cgrouppolicy.shell.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.shell.cluster.WatchGuard.Watched;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
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
    guard
        .watches("tests are")
        .start(List.of(new Watched("", "tests", () -> true, up::get, null)), () -> {});
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
