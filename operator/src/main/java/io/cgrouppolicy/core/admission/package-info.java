/// Previews which pods a policy would change or reject, by simulating LimitRanger, pod validation
/// and ResourceQuota.
package io.cgrouppolicy.core.admission;
