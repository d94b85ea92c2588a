/// Reviews the pods of a namespace, resolves their owners, and gates rollouts that would reject
/// pods.
package io.cgrouppolicy.shell.pods;
