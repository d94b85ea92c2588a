/// Computes reservations that grow with the node, by the formulas of policies.
package io.cgrouppolicy.core.kubelet.reservation;
