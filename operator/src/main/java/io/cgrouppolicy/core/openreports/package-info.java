/// The violations of a policy as OpenReports: the objects, and what to write when they change.
package io.cgrouppolicy.core.openreports;
