package io.cgrouppolicy.core.kubelet;

/// The answer is not a kubelet configuration. The message says why in one line.
public final class KubeletConfigurationException extends Exception {
  public KubeletConfigurationException(String message) {
    super(message);
  }
}
