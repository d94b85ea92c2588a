/// The commands of `kubectl cgp`.
package io.cgrouppolicy.cli;
