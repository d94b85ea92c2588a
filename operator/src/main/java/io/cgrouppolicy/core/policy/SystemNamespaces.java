package io.cgrouppolicy.core.policy;

import java.util.List;

/// The namespaces that policies exclude unless includeSystem is set, because limits there can stop
/// the cluster itself. An exact list plus the administrator's own globs; a bare prefix such as
/// `kube` would match users' namespaces.
public record SystemNamespaces(List<Glob> globs) {
  public boolean contains(String namespace) {
    return Glob.anyMatches(globs, namespace);
  }
}
