/// Reconciles namespaces: writes the LimitRange and ResourceQuota and stores verdicts.
package io.cgrouppolicy.shell.namespace;
