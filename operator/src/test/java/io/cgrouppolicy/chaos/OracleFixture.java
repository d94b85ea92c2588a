package io.cgrouppolicy.chaos;

import static io.cgrouppolicy.testing.Policies.BASELINE;
import static io.cgrouppolicy.testing.Policies.policy;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.NamespaceCounts;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.NodeCounts;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.PressureCounts;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.PreviewCounts;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.Violation;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.WorkloadCounts;
import io.cgrouppolicy.chaos.World.Kubelet;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.testing.Children;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// A cluster with a namespace, whose objects a test changes to see whether the oracle finds that.
abstract class OracleFixture {
  /// What the API server adds.
  static final String DEFAULTS = "priority: 0, rollout: Immediate, deletionPolicy: Delete, ";

  final CgroupPolicy policy =
      judged(policy("p", DEFAULTS + "contact: us, " + BASELINE), "Enforced", 1);
  private final CompiledPolicy compiled = CompiledPolicy.of(policy);
  LimitRange limitRange = Children.limitRange(compiled, compiled);
  ResourceQuota quota = Children.quota(compiled, compiled);
  final List<Pod> pods = new ArrayList<>();
  final Map<String, Kubelet> kubelets = new HashMap<>();

  OracleFixture() {
    quota.getMetadata().setAnnotations(annotations("contact", "us"));
    limitRange.getMetadata().setAnnotations(annotations("contact", "us"));
  }

  static Map<String, String> annotations(String... more) {
    var annotations = new HashMap<String, String>();
    annotations.put("example.test/other", "stays");
    annotations.put(
        "cgroup-policy.io/description",
        "Limits of CgroupPolicy p for this namespace. While the policy enforces them,"
            + " cgroup-policy-operator reverts changes to this object. Ask the contact or a cluster"
            + " administrator to change them.");
    annotations.put(
        "cgroup-policy.io/list-rejections",
        "kubectl get events -n a --field-selector"
            + " reportingComponent=cgroup-policy.io/operator");
    for (int i = 0; i < more.length; i += 2) {
      annotations.put("cgroup-policy.io/" + more[i], more[i + 1]);
    }
    return annotations;
  }

  /// @param selected the number of namespaces, all of them compliant
  static CgroupPolicy judged(CgroupPolicy policy, String ready, int selected) {
    var counts = new NamespaceCounts(selected, selected, 0, 0, selected + "/" + selected);
    boolean previews = !Templates.of(policy).isEmpty();
    return with(
        policy, ready, counts, null, previews ? new PreviewCounts(0, 0, 0) : null, null, null, 0);
  }

  /// @param missing the number of violations of MemoryLimitMissing
  static CgroupPolicy with(
      CgroupPolicy policy,
      String ready,
      NamespaceCounts namespaces,
      WorkloadCounts workloads,
      PreviewCounts preview,
      NodeCounts nodes,
      PressureCounts pressure,
      int missing) {
    policy.setStatus(
        new CgroupPolicyStatus(
            1L,
            Stream.of("Ready", "Compliant", "NamespacesCompliant")
                .map(type -> condition(type, ready))
                .toList(),
            namespaces,
            workloads,
            preview,
            nodes,
            pressure,
            missing,
            missing == 0 ? null : Map.of("MemoryLimitMissing", missing),
            Collections.nCopies(
                missing, new Violation("MemoryLimitMissing", null, null, null, null, "", "", ""))));
    return policy;
  }

  private static Condition condition(String type, String reason) {
    return new ConditionBuilder()
        .withType(type)
        .withStatus("True")
        .withReason(reason)
        .withObservedGeneration(1L)
        .build();
  }

  List<String> differences(CgroupPolicy... policies) {
    var namespace =
        new NamespaceBuilder().withNewMetadata().withName(Children.NAMESPACE).endMetadata().build();
    var nodes =
        kubelets.keySet().stream()
            .map(name -> new NodeBuilder().withNewMetadata().withName(name).endMetadata().build())
            .toList();
    return new Oracle(
            new World(
                List.of(policies),
                List.of(namespace),
                World.byNamespace(Stream.of(limitRange, quota).filter(object -> object != null)),
                World.byNamespace(pods.stream().filter(World::runs)),
                nodes,
                kubelets))
        .differences();
  }

  static Pod pod(String name, String qos, String resources, String metadata) {
    return Serialization.unmarshal(
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: %s, namespace: a%s}
        spec: {nodeName: n, containers: [{name: app, resources: %s}]}
        status: {phase: Running, qosClass: %s}
        """
            .formatted(name, metadata, resources, qos),
        Pod.class);
  }

  /// As created before the LimitRange.
  static Pod bare(String name) {
    return pod(name, "BestEffort", "{}", "");
  }

  /// As created after it.
  static Pod defaulted(String name) {
    return pod(
        name,
        "Burstable",
        "{limits: {memory: 512Mi}, requests: {memory: 128Mi}}",
        ", annotations: {kubernetes.io/limit-ranger: 'LimitRanger plugin set: memory request for"
            + " container app; memory limit for container app'}");
  }
}
