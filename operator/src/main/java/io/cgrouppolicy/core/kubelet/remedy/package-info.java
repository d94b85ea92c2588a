/// Renders the kubelet configuration files for a policy, and the ConfigMap that holds them.
package io.cgrouppolicy.core.kubelet.remedy;
