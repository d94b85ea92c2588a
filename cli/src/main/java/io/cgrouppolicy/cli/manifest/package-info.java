/// Reads manifests that are not in a cluster yet.
package io.cgrouppolicy.cli.manifest;
