package io.cgrouppolicy.shell.kubelet;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAddress;
import java.net.Inet6Address;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// Where a node's kubelet listens.
///
/// @param host an IP address without brackets, or a DNS name
record KubeletAddress(String host, int port) {
  private static final int DEFAULT_PORT = 10250;

  /// The order that metrics-server is deployed with, then the DNS names.
  private static final List<String> TYPES =
      List.of("InternalIP", "ExternalIP", "Hostname", "InternalDNS", "ExternalDNS");

  /// The API server accepts any text as an address.
  private static final Pattern DNS_NAME_OR_IPV4 =
      Pattern.compile("[A-Za-z0-9]([A-Za-z0-9._-]{0,252})");

  static Optional<KubeletAddress> of(Node node) {
    var status = node.getStatus();
    if (status == null || status.getAddresses() == null) {
      return Optional.empty();
    }
    return TYPES.stream()
        .flatMap(type -> status.getAddresses().stream().filter(a -> type.equals(a.getType())))
        .map(NodeAddress::getAddress)
        .filter(KubeletAddress::dialable)
        .findFirst()
        .map(host -> new KubeletAddress(host, port(node)));
  }

  private static boolean dialable(String host) {
    return host != null && (DNS_NAME_OR_IPV4.matcher(host).matches() || isIpv6(host));
  }

  private static boolean isIpv6(String host) {
    try {
      Inet6Address.ofLiteral(host);
      return !host.startsWith("[");
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static int port(Node node) {
    var endpoints = node.getStatus().getDaemonEndpoints();
    if (endpoints == null
        || endpoints.getKubeletEndpoint() == null
        || endpoints.getKubeletEndpoint().getPort() == null) {
      return DEFAULT_PORT;
    }
    int port = endpoints.getKubeletEndpoint().getPort();
    return port < 1 || port > 65_535 ? DEFAULT_PORT : port;
  }

  /// As in a URL: IPv6 in brackets.
  @Override
  public String toString() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }
}
