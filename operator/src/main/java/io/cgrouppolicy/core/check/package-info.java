/// The vocabulary of verdicts: checks, findings, and what keeps the operator from judging.
package io.cgrouppolicy.core.check;
