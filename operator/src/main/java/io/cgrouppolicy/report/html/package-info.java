/// Writes a report as one HTML page that needs nothing else.
package io.cgrouppolicy.report.html;
