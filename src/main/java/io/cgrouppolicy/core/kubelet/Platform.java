package io.cgrouppolicy.core.kubelet;

import java.util.Collection;

/// Who configures the kubelets. Only what an API group proves is told apart.
public enum Platform {
  UPSTREAM,
  /// The Machine Config Operator writes the kubelets' configuration, and does not use
  /// kube-reserved.
  OPENSHIFT;

  /// @param apiGroups the names of the API groups that the cluster serves. A hosted control plane
  ///     of
  /// OpenShift serves config.openshift.io only.
  public static Platform of(Collection<String> apiGroups) {
    return apiGroups.contains("machineconfiguration.openshift.io")
            || apiGroups.contains("config.openshift.io")
        ? OPENSHIFT
        : UPSTREAM;
  }
}
