/// Decides what the operator says about a node, from what it knows of it.
package io.cgrouppolicy.core.node;
