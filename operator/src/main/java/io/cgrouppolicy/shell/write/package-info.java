/// Writes LimitRanges and ResourceQuotas.
package io.cgrouppolicy.shell.write;
