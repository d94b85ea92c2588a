package io.cgrouppolicy.telemetry.endpoint;

/// A certificate, with the others of its chain, and its key.
record PemPair(String certificate, String key) {
  @Override
  public String toString() {
    return "PemPair[]"; // a key has no place in a log
  }
}
