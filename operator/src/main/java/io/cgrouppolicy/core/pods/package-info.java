/// Judges what pods declare: resources, QoS classes, and the rules of `spec.workloads`.
package io.cgrouppolicy.core.pods;
