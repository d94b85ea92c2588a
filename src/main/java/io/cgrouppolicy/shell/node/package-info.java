/// Reconciles nodes: asks kubelets for configuration and pressure, and stores verdicts.
package io.cgrouppolicy.shell.node;
