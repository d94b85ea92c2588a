/// Reads kubelets' configuration and pressure, and has each node judged by them.
package io.cgrouppolicy.shell.node;
