/// Compares a kubelet's configuration with a policy, one rule per check.
package io.cgrouppolicy.core.kubelet.judge;
