/// Reads a cluster with the rights of the user.
package io.cgrouppolicy.cli.cluster;
