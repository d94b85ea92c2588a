/// Validates policies and determines which one selects, judges and governs a namespace or a node.
package io.cgrouppolicy.core.policy;
