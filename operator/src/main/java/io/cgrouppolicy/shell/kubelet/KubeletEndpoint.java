package io.cgrouppolicy.shell.kubelet;

/// Where one path of a kubelet is read: at the kubelet, or through the API server.
///
/// @param path with the leading slash
/// @param hostHeader value of the Host header
/// @param name the server's name in messages
/// @param permission what the server checks, as RBAC writes it
record KubeletEndpoint(
    String host, int port, String path, String hostHeader, String name, String permission) {}
