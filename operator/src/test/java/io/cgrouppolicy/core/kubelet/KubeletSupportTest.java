package io.cgrouppolicy.core.kubelet;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KubeletSupportTest {
  @ParameterizedTest
  @CsvSource({
    // version, configuration direct, by proxy, pressure
    "v1.28.15, false, true, false",
    "v1.29.0, false, true, false",
    "v1.32.9-eks-1a2b, false, true, false",
    "v1.33.0-alpha.1, true, true, true",
    "v1.33.4+k3s1, true, true, true",
    "v1.36.3, true, true, true",
    "v2.0.0, true, true, true",
    "unknown, true, true, true",
    "'', true, true, true",
    ", true, true, true",
  })
  void asksKubeletsThatMayAnswer(
      String version, boolean direct, boolean byProxy, boolean pressure) {
    assertThat(KubeletSupport.tooOld(version, "/configz", true).isEmpty()).isEqualTo(direct);
    assertThat(KubeletSupport.tooOld(version, "/configz", false).isEmpty()).isEqualTo(byProxy);
    assertThat(KubeletSupport.tooOld(version, "/stats/summary", true).isEmpty())
        .isEqualTo(pressure);
    assertThat(KubeletSupport.tooOld(version, "/stats/summary", false).isEmpty())
        .as("no access makes a kubelet measure")
        .isEqualTo(pressure);
  }

  @Test
  void namesTheVersionAndTheWayOut() {
    assertThat(KubeletSupport.tooOld("v1.31.4", "/configz", true))
        .contains(
            "nodes/configz opens /configz of kubelets since 1.33, and this one is v1.31.4"
                + " (CGROUP_POLICY_KUBELET_ACCESS=proxy works with it)");
    assertThat(KubeletSupport.tooOld("v1.31.4", "/stats/summary", true))
        .contains("kubelets report pressure since 1.34, and this one is v1.31.4");
  }
}
