/// Parses a kubelet's configuration from its `/configz` endpoint, and the facts of its node.
package io.cgrouppolicy.core.kubelet;
