package io.cgrouppolicy.core.policy;

import java.util.List;
import java.util.stream.Stream;

/// The namespaces that policies exclude unless includeSystem is set, because limits there can stop
/// the cluster itself. An exact list plus the administrator's own globs; a bare prefix such as
/// `kube` would match users' namespaces.
public record SystemNamespaces(List<Glob> globs) {
  /// The globs unless the administrator sets others, separated by commas.
  public static final String DEFAULT =
      "kube-system,kube-public,kube-node-lease,openshift,openshift-*";

  /// @param globs of the administrator
  /// @param own the operator's own namespace
  public static SystemNamespaces of(List<String> globs, String own) {
    return new SystemNamespaces(
        Stream.concat(Glob.of(globs).stream(), Stream.of(new Glob(own))).toList());
  }

  public boolean contains(String namespace) {
    return Glob.anyMatches(globs, namespace);
  }
}
