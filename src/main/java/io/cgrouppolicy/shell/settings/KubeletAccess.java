package io.cgrouppolicy.shell.settings;

/// The way to a kubelet's endpoints.
public enum KubeletAccess {
  /// To the kubelet's own port: `get nodes/configz` is enough.
  DIRECT,
  /// Through the API server, for kubelets that cannot be dialed or are older than 1.33. Needs
  /// `get nodes/proxy`, which is exec into every pod of the node (CIS Kubernetes 5.1.14).
  PROXY
}
