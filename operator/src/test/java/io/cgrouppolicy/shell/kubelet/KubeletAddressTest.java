package io.cgrouppolicy.shell.kubelet;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.NodeBuilder;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KubeletAddressTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Hostname=h ExternalIP=192.0.2.7 InternalIP=10.0.0.7 | 10.0.0.7:10250",
        "Hostname=h ExternalDNS=e ExternalIP=192.0.2.7       | 192.0.2.7:10250",
        "ExternalDNS=e InternalDNS=i Hostname=h              | h:10250",
        "ExternalDNS=e InternalDNS=i                         | i:10250",
        "ExternalDNS=e.example.com                           | e.example.com:10250",
        "InternalIP=fd00::7 InternalIP=10.0.0.7              | [fd00::7]:10250",
        "Other=10.0.0.7                                      |",
      })
  void takesTheFirstOfTheBestType(String addresses, String expected) {
    assertThat(address(addresses, null).map(KubeletAddress::toString))
        .isEqualTo(Optional.ofNullable(expected));
  }

  @ParameterizedTest
  @CsvSource({"10250, 10250", "1, 1", "65535, 65535", "0, 10250", "65536, 10250", "-1, 10250"})
  void takesThePortOfTheNode(int port, int expected) {
    assertThat(address("InternalIP=10.0.0.7", port))
        .contains(new KubeletAddress("10.0.0.7", expected));
  }

  /// The API server takes any text for an address, so a header could be smuggled in by it.
  @ParameterizedTest
  @ValueSource(strings = {"evil\r\nX: y", "a/b", "user@host", "", "[fd00::7]", "-x", "h:1"})
  void skipsInvalidAddresses(String text) {
    var node = new NodeBuilder().withNewStatus().addNewAddress(text, "Hostname").endStatus();
    assertThat(KubeletAddress.of(node.build())).isEmpty();
    node.editStatus().addNewAddress("good", "InternalDNS").endStatus();
    assertThat(KubeletAddress.of(node.build())).contains(new KubeletAddress("good", 10250));
  }

  @Test
  void aNodeWithoutStatusHasNone() {
    assertThat(KubeletAddress.of(new NodeBuilder().build())).isEmpty();
    assertThat(KubeletAddress.of(new NodeBuilder().withNewStatus().endStatus().build())).isEmpty();
  }

  private static Optional<KubeletAddress> address(String addresses, Integer port) {
    var node = new NodeBuilder().withNewStatus();
    for (var address : addresses.split(" ")) {
      var parts = address.split("=");
      node.addNewAddress(parts[1], parts[0]);
    }
    if (port != null) {
      node.withNewDaemonEndpoints().withNewKubeletEndpoint(port).endDaemonEndpoints();
    }
    return KubeletAddress.of(node.endStatus().build());
  }
}
