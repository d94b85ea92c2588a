package io.cgrouppolicy.shell.kubelet;

/// Whom to ask for what.
///
/// @param path with the leading slash
/// @param hostHeader host and port as the peer knows itself
/// @param name how messages call it
/// @param permission what the peer's authoriser asks for, as RBAC writes it
record Peer(
    String host, int port, String path, String hostHeader, String name, String permission) {}
