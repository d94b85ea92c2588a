package io.cgrouppolicy.testing;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.core.policy.Glob;
import io.cgrouppolicy.core.policy.PolicyBook;
import io.cgrouppolicy.core.policy.SystemNamespaces;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;

/// Creates policies for tests without a cluster. A spec is the inside of a YAML flow mapping, for
/// example `mode: Enforce, priority: 2`.
public final class Policies {
  /// Selects all namespaces.
  public static final String ALL = "namespaces: {selector: {}}";

  public static final String LIMIT_RANGE =
      "limitRange: {limits: [{type: Container, default: {memory: 512Mi}, defaultRequest: {memory:"
          + " 128Mi}}]}";
  public static final String QUOTA = "resourceQuota: {hard: {limits.memory: 8Gi, pods: '50'}}";

  /// In mode Enforce, with both objects, for all namespaces.
  public static final String BASELINE =
      "mode: Enforce, namespaces: {selector: {}, " + LIMIT_RANGE + ", " + QUOTA + "}";

  private Policies() {}

  /// Has generation 1, uid `uid-NAME`, and the same age as all others.
  public static CgroupPolicy policy(String name, String spec) {
    return Serialization.unmarshal(
        """
        apiVersion: cgroup-policy.io/v1alpha1
        kind: CgroupPolicy
        metadata: {name: %s, uid: uid-%s, generation: 1, creationTimestamp: "2026-01-01T00:00:00Z"}
        spec: {%s}
        """
            .formatted(name, name, spec),
        CgroupPolicy.class);
  }

  public static CompiledPolicy compiled(String name, String spec) {
    return CompiledPolicy.of(policy(name, spec));
  }

  public static CompiledPolicy created(String name, String time, String spec) {
    var policy = policy(name, spec);
    policy.getMetadata().setCreationTimestamp(time);
    return CompiledPolicy.of(policy);
  }

  /// With `kube-system` and `openshift-*` as system namespaces.
  public static PolicyBook book(CompiledPolicy... policies) {
    return new PolicyBook(
        List.of(policies), new SystemNamespaces(Glob.of(List.of("kube-system", "openshift-*"))));
  }
}
