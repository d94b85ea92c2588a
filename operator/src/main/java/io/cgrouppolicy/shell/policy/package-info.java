/// Reconciles policies: writes their status and publishes the remedy.
package io.cgrouppolicy.shell.policy;
