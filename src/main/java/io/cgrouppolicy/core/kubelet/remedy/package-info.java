/// Renders the kubelet configuration files that a policy asks for, and the ConfigMap that holds
/// them.
package io.cgrouppolicy.core.kubelet.remedy;
