/// Finds what a kubelet would reject in the configuration that a policy asks for.
package io.cgrouppolicy.core.kubelet.lint;
