/// The operator under fire: faults, random histories, and the oracle that both compare with.
package io.cgrouppolicy.chaos;
