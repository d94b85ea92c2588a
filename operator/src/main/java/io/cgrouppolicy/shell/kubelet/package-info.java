/// The HTTP client for kubelets: TLS, tokens, deadlines, and bounds on size and concurrency.
package io.cgrouppolicy.shell.kubelet;
