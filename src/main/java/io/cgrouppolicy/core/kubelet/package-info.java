/// A kubelet's configuration as its `/configz` endpoint reports it, and the facts of its node.
package io.cgrouppolicy.core.kubelet;
