/// Which policy selects, judges and governs a namespace or a node, and whether its spec is
/// valid.
package io.cgrouppolicy.core.policy;
