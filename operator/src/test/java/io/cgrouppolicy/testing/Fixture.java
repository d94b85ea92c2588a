package io.cgrouppolicy.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.Violation;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.LimitRangeBuilder;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// The namespaces and policies of one test, which a label separates from those of other tests and
/// which are deleted at the end.
///
/// A JUnit extension: in a field of a test class, it closes itself after each test.
public final class Fixture implements AutoCloseable, AfterEachCallback {
  public final String id = "t" + UUID.randomUUID().toString().substring(0, 8);
  public final KubernetesClient client = LocalCluster.get().admin();
  private final List<String> namespaces = new ArrayList<>();
  private final List<String> policies = new ArrayList<>();

  public static void eventually(ThrowingRunnable assertion) {
    within(Duration.ofSeconds(30), assertion);
  }

  public static void within(Duration time, ThrowingRunnable assertion) {
    ConditionFactory await =
        Awaitility.await()
            .atMost(time)
            .pollInterval(Duration.ofMillis(50))
            .pollDelay(Duration.ZERO);
    await.untilAsserted(assertion);
  }

  public String namespace(String suffix) {
    return namespace(suffix, Map.of("test", id));
  }

  public String namespace(String suffix, Map<String, String> labels) {
    var name = id + "-" + suffix;
    client
        .resource(
            new NamespaceBuilder()
                .withNewMetadata()
                .withName(name)
                .withLabels(labels)
                .endMetadata()
                .build())
        .create();
    namespaces.add(name);
    return name;
  }

  /// Applies a policy that selects the namespaces of this test.
  ///
  /// @param head lines of the spec, such as `mode: Enforce`, separated by `;`
  /// @param memory the default memory limit, and the quota's limit, in Mi
  public CgroupPolicy policy(String suffix, String head, int memory) {
    return apply(suffix, yaml(suffix, head, memory));
  }

  public String yaml(String suffix, String head, int memory) {
    return """
    apiVersion: cgroup-policy.io/v1alpha1
    kind: CgroupPolicy
    metadata: {name: %s}
    spec:
      %s
      namespaces:
        selector: {matchLabels: {test: %s}}
        exclude: ["*-excluded"]
        limitRange:
          limits:
          - type: Container
            default: {memory: %dMi}
            defaultRequest: {cpu: "0.1", memory: 64Mi}
        resourceQuota:
          hard: {limits.memory: %dMi, pods: "50"}
    """
        .formatted(id + "-" + suffix, head.replace("; ", "\n  "), id, memory, memory * 100);
  }

  /// A policy that the schema accepts but the operator rejects: its defaults exceed its ratio by
  /// less than the precision of the schema's arithmetic.
  public String impossible(String suffix) {
    return yaml(suffix, "mode: Enforce", 512)
        .replace("default: {memory: 512Mi}", "default: {memory: 1000000000001}")
        .replace(
            "memory: 64Mi}", "memory: 500000000000}\n        maxLimitRequestRatio: {memory: 2}");
  }

  /// Applies a policy with this spec.
  public CgroupPolicy applySpec(String suffix, String spec) {
    var head =
        """
        apiVersion: cgroup-policy.io/v1alpha1
        kind: CgroupPolicy
        metadata: {name: %s-%s}
        spec:
        """;
    return apply(suffix, head.formatted(id, suffix) + spec.indent(2));
  }

  public CgroupPolicy apply(String suffix, String yaml) {
    policies.add(id + "-" + suffix);
    return client
        .resource(client.getKubernetesSerialization().unmarshal(yaml, CgroupPolicy.class))
        .patch(
            new PatchContext.Builder()
                .withPatchType(PatchType.SERVER_SIDE_APPLY)
                .withFieldManager("test")
                .withForce(true)
                .build());
  }

  public CgroupPolicy get(String suffix) {
    return client.resources(CgroupPolicy.class).withName(id + "-" + suffix).get();
  }

  public void delete(String suffix) {
    client.resources(CgroupPolicy.class).withName(id + "-" + suffix).delete();
  }

  /// The condition, once the status describes the current generation.
  public Condition condition(String suffix, String type) {
    var policy = get(suffix);
    if (policy.getStatus() == null
        || !policy.getMetadata().getGeneration().equals(policy.getStatus().observedGeneration())) {
      throw new AssertionError("not observed yet: " + policy.getStatus());
    }
    return policy.getStatus().conditions().stream()
        .filter(c -> c.getType().equals(type))
        .findFirst()
        .orElse(null);
  }

  public String status(String suffix, String type) {
    var condition = condition(suffix, type);
    return condition == null ? null : condition.getStatus() + " " + condition.getReason();
  }

  /// The violations, once the status describes the current generation.
  public Stream<Violation> violations(String suffix) {
    condition(suffix, "Ready");
    return get(suffix).getStatus().violations().stream();
  }

  public List<String> checks(String suffix) {
    return violations(suffix).map(Violation::check).distinct().toList();
  }

  public LimitRange limitRange(String namespace) {
    return client.limitRanges().inNamespace(namespace).withName("cgroup-policy").get();
  }

  public ResourceQuota quota(String namespace) {
    return client.resourceQuotas().inNamespace(namespace).withName("cgroup-policy").get();
  }

  /// The default memory limit in force, or null without a LimitRange of the operator.
  public String memory(String namespace) {
    var limitRange = limitRange(namespace);
    return limitRange == null
        ? null
        : limitRange.getSpec().getLimits().getFirst().getDefault().get("memory").toString();
  }

  /// Waits until the operator reports a missing permission on a kind that it watches: in condition
  /// Ready, and with Unknown in the condition that depends on it.
  ///
  /// @param area the type of the condition that depends on it
  public void assertForbidden(String policy, String verb, String plural, String area) {
    assertThat(status(policy, "Ready")).isEqualTo("False Forbidden");
    assertThat(condition(policy, "Ready").getMessage())
        .contains("cannot " + verb + " resource \"" + plural + "\"");
    assertThat(status(policy, area)).isEqualTo("Unknown Forbidden");
    assertThat(status(policy, "Compliant")).startsWith("Unknown");
  }

  /// A namespace accepts no pods until its ServiceAccount exists.
  public void awaitPodsAllowed(String namespace) {
    eventually(
        () ->
            assertThat(client.serviceAccounts().inNamespace(namespace).withName("default").get())
                .as("the ServiceAccount of " + namespace)
                .isNotNull());
  }

  /// A LimitRange by another writer, without any mark of the operator.
  public void foreignLimitRange(String namespace, String name) {
    client
        .resource(
            new LimitRangeBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(namespace)
                .endMetadata()
                .withNewSpec()
                .addNewLimit()
                .withType("Container")
                .withDefault(Map.of("memory", new Quantity("1Gi")))
                .endLimit()
                .endSpec()
                .build())
        .create();
  }

  /// Sets a different default memory limit, as another writer.
  public void edit(String namespace, String memory) {
    client
        .resource(limitRange(namespace))
        .edit(
            limitRange -> {
              limitRange
                  .getSpec()
                  .getLimits()
                  .getFirst()
                  .getDefault()
                  .put("memory", new Quantity(memory));
              return limitRange;
            });
  }

  /// Changes the label that the policies of this test select.
  public void relabel(String namespace, String value) {
    client
        .namespaces()
        .withName(namespace)
        .edit(
            n -> {
              n.getMetadata().getLabels().put("test", value);
              return n;
            });
  }

  /// The events about a namespace, oldest first.
  public List<Event> namespaceEvents(String namespace) {
    return events(namespace).filter(e -> e.getRegarding().getKind().equals("Namespace")).toList();
  }

  /// The events about a policy of this test, oldest first.
  public List<Event> policyEvents(String suffix) {
    return events("default")
        .filter(e -> e.getRegarding().getKind().equals("CgroupPolicy"))
        .filter(e -> e.getRegarding().getName().equals(id + "-" + suffix))
        .toList();
  }

  private Stream<Event> events(String namespace) {
    return client.events().v1().events().inNamespace(namespace).list().getItems().stream()
        .filter(event -> event.getEventTime() != null) // older clients do not set it
        .sorted(Comparator.comparing(event -> event.getEventTime().getTime()));
  }

  @Override
  public void afterEach(ExtensionContext context) {
    close();
  }

  @Override
  public void close() {
    policies.forEach(name -> client.resources(CgroupPolicy.class).withName(name).delete());
    namespaces.forEach(name -> client.namespaces().withName(name).delete());
  }
}
