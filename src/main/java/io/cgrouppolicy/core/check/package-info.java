/// The vocabulary of all verdicts: checks, findings, and what keeps the operator from judging.
package io.cgrouppolicy.core.check;
