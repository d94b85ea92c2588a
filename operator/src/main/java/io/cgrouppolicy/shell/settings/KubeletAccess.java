package io.cgrouppolicy.shell.settings;

/// How to reach a kubelet's endpoints.
public enum KubeletAccess {
  /// Connects to the kubelet's own port. `get nodes/configz` is enough.
  DIRECT,
  /// Goes through the API server, for kubelets that cannot be dialed or are older than 1.33. Needs
  /// `get nodes/proxy`, which allows exec into every pod on the node (CIS Kubernetes 5.1.14).
  PROXY
}
