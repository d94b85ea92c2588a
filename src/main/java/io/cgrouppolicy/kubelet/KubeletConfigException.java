package io.cgrouppolicy.kubelet;

/// What came as a kubelet's configuration is none. The message says what is wrong, in one line.
public final class KubeletConfigException extends Exception {
  public KubeletConfigException(String message) {
    super(message);
  }
}
