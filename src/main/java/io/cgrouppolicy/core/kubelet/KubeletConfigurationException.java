package io.cgrouppolicy.core.kubelet;

/// What came as a kubelet's configuration is none. The message says what is wrong, in one line.
public final class KubeletConfigurationException extends Exception {
  public KubeletConfigurationException(String message) {
    super(message);
  }
}
