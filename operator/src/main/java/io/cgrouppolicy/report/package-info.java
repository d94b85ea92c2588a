/// What policies say of a cluster or of manifests, in a form that can be written: the model of a
/// report.
package io.cgrouppolicy.report;
