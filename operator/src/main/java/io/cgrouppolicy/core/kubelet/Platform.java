package io.cgrouppolicy.core.kubelet;

import java.util.Collection;

/// The system that configures the kubelets, detected by API groups.
public enum Platform {
  UPSTREAM,
  /// The Machine Config Operator writes the kubelets' configuration and ignores kube-reserved.
  OPENSHIFT;

  /// @param apiGroups the API groups that the cluster serves; OpenShift with a hosted control plane
  ///     serves config.openshift.io only
  public static Platform of(Collection<String> apiGroups) {
    return apiGroups.contains("machineconfiguration.openshift.io")
            || apiGroups.contains("config.openshift.io")
        ? OPENSHIFT
        : UPSTREAM;
  }
}
