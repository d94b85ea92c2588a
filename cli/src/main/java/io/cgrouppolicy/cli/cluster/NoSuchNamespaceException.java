package io.cgrouppolicy.cli.cluster;

/// The namespace that a user named does not exist.
public final class NoSuchNamespaceException extends RuntimeException {
  NoSuchNamespaceException(String namespace) {
    super("namespace " + namespace + " not found");
  }
}
