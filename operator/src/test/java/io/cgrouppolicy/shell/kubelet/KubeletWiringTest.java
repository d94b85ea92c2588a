package io.cgrouppolicy.shell.kubelet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cgrouppolicy.shell.settings.KubeletAccess;
import io.cgrouppolicy.shell.settings.OperatorSettings;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KubeletWiringTest {
  @Test
  void isSecureAndDirectByDefault() {
    var kubelet = settings(Map.of()).kubelet();
    assertThat(kubelet.access()).isEqualTo(KubeletAccess.DIRECT);
    assertThat(kubelet.caFile()).isEmpty();
    assertThat(kubelet.insecureSkipTlsVerify()).isFalse();
    assertThat(kubelet.interval()).isEqualTo(Duration.ofMinutes(5));
    assertThat(kubelet.timeout()).isEqualTo(Duration.ofSeconds(5));
    assertThat(kubelet.maxBody().asLongValue()).isEqualTo(1 << 20);
    assertThat(insecure(settings(Map.of()))).isZero();
  }

  @Test
  void takesEachSetting() {
    var kubelet =
        settings(
                Map.of(
                    "cgroup-policy.kubelet.access", "proxy",
                    "cgroup-policy.kubelet.ca-file", "/etc/kubelet-ca/ca-bundle.crt",
                    "cgroup-policy.kubelet.interval", "30s",
                    "cgroup-policy.kubelet.timeout", "500ms",
                    "cgroup-policy.kubelet.concurrency", "7",
                    "cgroup-policy.kubelet.max-body", "64K"))
            .kubelet();
    assertThat(kubelet.access()).isEqualTo(KubeletAccess.PROXY);
    assertThat(kubelet.caFile()).contains(Path.of("/etc/kubelet-ca/ca-bundle.crt"));
    assertThat(kubelet.interval()).isEqualTo(Duration.ofSeconds(30));
    assertThat(kubelet.timeout()).isEqualTo(Duration.ofMillis(500));
    assertThat(kubelet.concurrency()).isEqualTo(7);
    assertThat(kubelet.maxBody().asLongValue()).isEqualTo(64 * 1024);
  }

  @Test
  void pressureHasSettingsOfItsOwn() {
    var pressure = settings(Map.of()).pressure();
    assertThat(pressure.interval()).isEqualTo(Duration.ofSeconds(30));
    assertThat(pressure.maxBody().asLongValue()).isEqualTo(4 << 20);
    var set =
        settings(
                Map.of(
                    "cgroup-policy.pressure.interval", "2m",
                    "cgroup-policy.pressure.concurrency", "7",
                    "cgroup-policy.pressure.max-body", "1M"))
            .pressure();
    assertThat(set.interval()).isEqualTo(Duration.ofMinutes(2));
    assertThat(set.concurrency()).isEqualTo(7);
    assertThat(set.maxBody().asLongValue()).isEqualTo(1 << 20);
  }

  @Test
  void theMetricShowsUnverifiedKubelets() {
    var skip = "cgroup-policy.kubelet.insecure-skip-tls-verify";
    assertThat(insecure(settings(Map.of(skip, "true")))).isEqualTo(1);
    assertThat(insecure(settings(Map.of(skip, "true", "cgroup-policy.kubelet.access", "proxy"))))
        .as("the API server is always verified")
        .isZero();
  }

  @Test
  void rejectsInvalidLimits() {
    var none = settings(Map.of("cgroup-policy.kubelet.concurrency", "0"));
    assertThatThrownBy(() -> insecure(none)).hasMessageContaining("concurrency");
  }

  private static double insecure(OperatorSettings settings) {
    var metrics = new SimpleMeterRegistry();
    var config = new ConfigBuilder(Config.empty()).withMasterUrl("https://127.0.0.1:1").build();
    try (var client = new KubernetesClientBuilder().withConfig(config).build();
        var reader = new KubeletWiring().reader(settings, client, metrics)) {
      assertThat(reader).isNotNull();
      return metrics.get("cgroup_policy_kubelet_insecure").gauge().value();
    }
  }

  private static OperatorSettings settings(Map<String, String> properties) {
    return new SmallRyeConfigBuilder()
        .addDiscoveredConverters()
        .withMapping(OperatorSettings.class)
        .withSources(new PropertiesConfigSource(properties, "test", 100))
        .build()
        .getConfigMapping(OperatorSettings.class);
  }
}
