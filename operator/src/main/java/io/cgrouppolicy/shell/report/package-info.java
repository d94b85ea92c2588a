/// The page with the operator's findings.
package io.cgrouppolicy.shell.report;
