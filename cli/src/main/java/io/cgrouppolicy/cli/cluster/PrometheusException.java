package io.cgrouppolicy.cli.cluster;

/// Prometheus did not give a usable answer. The message is for the user.
public final class PrometheusException extends Exception {
  PrometheusException(String message) {
    super(message);
  }
}
