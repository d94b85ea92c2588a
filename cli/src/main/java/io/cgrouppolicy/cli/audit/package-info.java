/// Evaluates policies on a snapshot of a cluster: plain functions on the core.
package io.cgrouppolicy.cli.audit;
