/// What pods declare: resources, QoS class, owners, and the rules that `spec.workloads` stands
/// for.
package io.cgrouppolicy.core.pods;
