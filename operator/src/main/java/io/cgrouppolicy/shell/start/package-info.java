/// Starts and stops the operator, elects the leader, and wires the parts together.
package io.cgrouppolicy.shell.start;
