/// Explains what the API server makes of one pod: plain functions on the core.
package io.cgrouppolicy.cli.explain;
