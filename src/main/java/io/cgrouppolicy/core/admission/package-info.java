/// Simulates LimitRanger, pod validation and ResourceQuota to preview what a policy would
/// reject.
package io.cgrouppolicy.core.admission;
