package io.cgrouppolicy.core.policy;

import java.util.List;

/// The namespaces that policies leave out unless they say includeSystem: limits on what runs there
/// can stop the cluster itself. An exact list and the administrator's own globs; a bare prefix such
/// as `kube` would hit users' namespaces.
public record SystemNamespaces(List<Glob> globs) {
  public boolean contains(String namespace) {
    return Glob.anyMatches(globs, namespace);
  }
}
