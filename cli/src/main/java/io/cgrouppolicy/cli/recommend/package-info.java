/// Derives a policy from what runs: plain functions on a snapshot of a cluster and on usage.
package io.cgrouppolicy.cli.recommend;
