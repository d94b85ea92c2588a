/// Writes reports.
package io.cgrouppolicy.cli.output;
