package io.cgrouppolicy.shell.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PositiveDurationTest {
  @ParameterizedTest
  @CsvSource({
    "5m, PT5M",
    "30s, PT30S",
    "1m30s, PT1M30S",
    "1m0s, PT1M",
    "250ms, PT0.25S",
    "1s500ms, PT1.5S",
    "1.5h, PT1H30M",
    "1h, PT1H",
    "' 5s ', PT5S",
    // forms of the first release
    "5M, PT5M",
    "60S, PT60S",
    "1M30S, PT1M30S",
    "0.2S, PT0.2S",
    "PT5M, PT5M",
    "90, PT90S",
    "1d, PT24H",
  })
  void readsBothForms(String text, Duration duration) {
    assertThat(new PositiveDuration().convert(text)).isEqualTo(duration);
  }

  @ParameterizedTest
  @ValueSource(strings = {"often", "5 minutes", "5min", "0", "0s", "-5m", "m"})
  void rejectsOthersAndNamesTheSetting(String text) {
    var config =
        new SmallRyeConfigBuilder()
            .addDiscoveredConverters()
            .withMapping(OperatorSettings.class)
            .withSources(
                new PropertiesConfigSource(
                    Map.of("cgroup-policy.kubelet.interval", text), "test", 100));
    assertThatThrownBy(config::build)
        .hasStackTraceContaining("cgroup-policy.kubelet.interval")
        .hasStackTraceContaining("is not a duration above 0, such as 30s, 5m or 1m30s");
  }
}
