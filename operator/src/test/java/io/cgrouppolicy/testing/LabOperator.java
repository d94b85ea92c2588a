package io.cgrouppolicy.testing;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.Violation;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// The shared lab node, an operator, and one policy and one namespace with the same name, for one
/// test class: an extension for a static field. Restores the node afterward.
public final class LabOperator implements BeforeAllCallback, AfterAllCallback {
  private final String name;
  private final String spec;
  private LabNode node;
  private LabKubelet kubelet;
  private OperatorProcess operator;

  /// @param name of the policy and the namespace, and the label `name` of the namespace
  /// @param spec of the policy
  public LabOperator(String name, String spec) {
    this.name = name;
    this.spec = spec;
  }

  @Override
  public void beforeAll(ExtensionContext context) throws IOException {
    node = LabNode.shared();
    kubelet = new LabKubelet(node);
    operator = node.operator();
    node.namespace(name, Map.of("name", name));
    createPolicy();
  }

  public void createPolicy() {
    node.create(
        """
        apiVersion: cgroup-policy.io/v1alpha1
        kind: CgroupPolicy
        metadata: {name: %s}
        spec:
        """
                .formatted(name)
            + spec.indent(2));
  }

  public void deletePolicy() {
    node.client().resources(CgroupPolicy.class).withName(name).delete();
  }

  public LabNode node() {
    return node;
  }

  public LabKubelet kubelet() {
    return kubelet;
  }

  /// Creates a pod without limits in the namespace.
  public LabPod pod(String pod, String script) {
    return pod(pod, "{}", script);
  }

  /// @param resources of its container, in flow style
  public LabPod pod(String pod, String resources, String script) {
    return LabPod.create(node, name, pod, resources, script);
  }

  /// The violations of the node, once the policy has evaluated it.
  public List<Violation> findings() {
    return kubelet.findings(name);
  }

  /// Their checks.
  public List<String> violations() {
    return findings().stream().map(Violation::check).toList();
  }

  @Override
  public void afterAll(ExtensionContext context) {
    if (operator == null) {
      return; // it did not start
    }
    deletePolicy();
    node.deleteNamespace(name);
    kubelet.reset();
    operator.close();
  }
}
