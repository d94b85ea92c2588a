/// Counts verdicts and makes a policy's status from them.
package io.cgrouppolicy.core.status;
