package io.cgrouppolicy.core.kubelet;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KubeletConfigurationTest {
  @Test
  void readsARealAnswer() throws Exception {
    var config = KubeletConfiguration.parse(Specs.recorded("configz-hardened.json"));
    assertThat(config.cgroupDriver()).isEqualTo("systemd");
    assertThat(config.enforceNodeAllocatable())
        .containsExactly("pods", "system-reserved", "kube-reserved");
    assertThat(config.system().amounts())
        .isEqualTo(
            Map.of(
                "cpu", new Quantity("500m"),
                "memory", new Quantity("1Gi"),
                "pid", new Quantity("1000")));
    assertThat(config.kube().cgroup()).isEqualTo("/kube.slice");
    assertThat(config.podPidsLimit()).hasValue(4096);
    assertThat(config.failCgroupV1()).isTrue();
    assertThat(config.json().get("maxPods").intValue()).isEqualTo(110);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      textBlock =
          """
          <html><body>Sign in</body></html> | the answer is not JSON: Unexpected character
          {"kubeletconfig": {               | the answer is not JSON: Unexpected end-of-input
          []                                | the answer has no object kubeletconfig
          "kubeletconfig"                   | the answer has no object kubeletconfig
          {"kubeletconfig": []}             | the answer has no object kubeletconfig
          {"kubeletconfig": null}           | the answer has no object kubeletconfig
          {"componentconfig": {}}           | the answer has no object kubeletconfig
          {"kubeletconfig": {}} {}          | the answer continues after its JSON
          {"kubeletconfig": {}, "kubeletconfig": {}} | the answer is not JSON: Duplicate
          {"kubeletconfig": {}, "a\\u001b[2J\\nb": 1, "a\\u001b[2J\\nb": 1} | the answer is not JSON: Duplicate field 'a [2J b'
          {"kubeletconfig": \u001b\u009b}           | the answer is not JSON: Illegal character
          {"kubeletconfig": 1e99999999999}         | the answer is not JSON: Value
          {"kubeletconfig": {"kind": "Status"}}      | kubeletconfig is of kind Status
          {"kubeletconfig": {"podPidsLimit": "x"}}   | kubeletconfig.podPidsLimit is not an integer
          {"kubeletconfig": {"podPidsLimit": 1.5}}   | kubeletconfig.podPidsLimit is not an integer
          {"kubeletconfig": {"podPidsLimit": 99999999999999999999}} | kubeletconfig.podPidsLimit is not an integer
          {"kubeletconfig": {"systemReserved": 1}}   | kubeletconfig.systemReserved is not a map
          {"kubeletconfig": {"systemReserved": {"cpu": "lots"}}}    | kubeletconfig.systemReserved[cpu] is not a quantity
          {"kubeletconfig": {"kubeReserved": {"cpu": "1e999999999"}}} | kubeletconfig.kubeReserved[cpu] is not a quantity
          {"kubeletconfig": {"enforceNodeAllocatable": "pods"}}     | kubeletconfig.enforceNodeAllocatable is not a list
          {"kubeletconfig": {"enforceNodeAllocatable": [1]}}        | kubeletconfig.enforceNodeAllocatable is not a list of strings
          {"kubeletconfig": {"cgroupDriver": true}}  | kubeletconfig.cgroupDriver is not a string
          {"kubeletconfig": {"failCgroupV1": 1}}     | kubeletconfig.failCgroupV1 is not true or false
          {"kubeletconfig": {"reservedSystemCPUs": "0-"}} | kubeletconfig.reservedSystemCPUs is not a list of CPUs
          """)
  void refusesWhatIsNoConfiguration(String body, String message) {
    assertThatThrownBy(() -> KubeletConfiguration.parse(body.getBytes(UTF_8)))
        .isInstanceOf(MalformedAnswerException.class)
        .message()
        .startsWith(message)
        .doesNotContain("\n")
        .hasSizeLessThan(250);
  }

  @Test
  void rejectsEmptyAndBinaryBodies() {
    assertThatThrownBy(() -> KubeletConfiguration.parse(new byte[0]))
        .hasMessage("the answer is empty");
    assertThatThrownBy(
            () -> KubeletConfiguration.parse(new byte[] {(byte) 0xff, (byte) 0xfe, 0, 1, 2}))
        .isInstanceOf(MalformedAnswerException.class);
  }

  @Test
  void rejectsDeepNesting() {
    var body = "{\"kubeletconfig\":" + "{\"a\":".repeat(100_000) + "1" + "}".repeat(100_001);
    assertThatThrownBy(() -> KubeletConfiguration.parse(body.getBytes(UTF_8)))
        .isInstanceOf(MalformedAnswerException.class)
        .hasMessageContaining("nesting depth");
  }
}
