/// Decides what to write to a namespace and what to report about it.
package io.cgrouppolicy.core.namespace;
