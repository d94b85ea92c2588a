/// Watches and caches of the cluster's objects, and the verdicts on them.
package io.cgrouppolicy.shell.cluster;
