/// Finds kubelet settings in a policy that a kubelet would reject, fail on or ignore.
package io.cgrouppolicy.core.kubelet.lint;
