/// Reconciles namespaces: puts LimitRange and ResourceQuota in place and stores verdicts.
package io.cgrouppolicy.shell.namespace;
