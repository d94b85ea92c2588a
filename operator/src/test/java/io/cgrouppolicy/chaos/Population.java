package io.cgrouppolicy.chaos;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;

/// The objects of a scene and how to make them. Namespaces are `chaos-0` and so on; the label
/// `team` decides which policy selects them, and `tier: gold` adds a second one, with a higher
/// priority.
final class Population {
  /// The policies. `MEMORY` changes with each version, so that objects show which one they are of.
  static final Map<String, String> POLICIES =
      Map.of(
          "guard",
          """
          mode: Enforce
          priority: 1
          namespaces:
            selector: {matchLabels: {team: a}}
            limitRange:
              limits: [{type: Container, default: {memory: MEMORY}, defaultRequest: {memory: 64Mi}}]
            resourceQuota: {hard: {limits.memory: 1000Gi, pods: "500"}}
          workloads: {requireLimits: [memory], allowBestEffort: false}
          """,
          "careful",
          """
          mode: Enforce
          rollout: WhenSafe
          priority: 2
          namespaces:
            selector: {matchLabels: {team: b}}
            limitRange:
              limits:
              - type: Container
                default: {memory: MEMORY}
                defaultRequest: {memory: 64Mi}
                max: {memory: 4Gi}
          workloads: {requireLimits: [memory]}
          """,
          "quotas",
          """
          mode: Enforce
          priority: 3
          namespaces:
            selector: {matchLabels: {team: c}}
            limitRange:
              limits: [{type: Container, default: {memory: MEMORY}, defaultRequest: {memory: 64Mi}}]
            resourceQuotas:
            - {name: all, hard: {pods: "500"}}
            - {name: burst, hard: {pods: "100"}, scopes: [NotTerminating]}
          """,
          "gold",
          """
          mode: Enforce
          priority: 20
          namespaces:
            selector: {matchLabels: {tier: gold}}
            limitRange:
              limits: [{type: Container, default: {memory: MEMORY}, defaultRequest: {memory: 64Mi}}]
            resourceQuota: {hard: {limits.memory: 2000Gi}}
          """,
          "audit",
          """
          mode: Audit
          priority: 30
          namespaces:
            selector: {matchExpressions: [{key: team, operator: Exists}]}
            limitRange:
              limits: [{type: Container, default: {memory: MEMORY}, defaultRequest: {memory: 64Mi}}]
          workloads: {requireLimits: [memory], requireRequests: [cpu]}
          """,
          "nodes",
          """
          mode: Audit
          priority: 10
          nodes:
            selector: {matchLabels: {pool: chaos}}
            kubelet: {podPidsLimit: 4096, systemReserved: {memory: MEMORY}}
            pressure: {memory: {some: 10}}
          """,
          "neighbours",
          """
          mode: Audit
          priority: 25
          namespaces:
            selector: {matchLabels: {team: c, tier: gold}}
          nodes:
            selector: {matchLabels: {pool: chaos}}
          workloads: {requireLimits: [memory]}
          """);

  /// A configuration that complies with some versions of the policy about nodes.
  static final String KUBELET =
      "{\"podPidsLimit\": 1000, \"systemReserved\": {\"memory\": \"600Mi\"}}";

  static final List<String> TEAMS = List.of("a", "b", "c", "none");

  private static final int AT_A_TIME = 16;

  private final KubernetesClient admin;
  private final Size size;

  /// @param nodes with simulated kubelets
  record Size(int namespaces, int nodes, int pods) {
    static final Size FULL = new Size(300, 30, 2_000);
    static final Size SHORT = new Size(20, 3, 60);
  }

  Population(KubernetesClient admin, Size size) {
    this.admin = admin;
    this.size = size;
  }

  Size size() {
    return size;
  }

  static String namespace(int i) {
    return "chaos-" + i;
  }

  static String node(int i) {
    return "chaos-node-" + i;
  }

  /// Creates the namespaces, pods and policies.
  void create() {
    parallel(size.namespaces(), i -> admin.resource(namespace(i, TEAMS.get(i % 3))).create());
    POLICIES.keySet().forEach(policy -> apply(policy, 256));
    // Without its ServiceAccount, a namespace accepts no pods.
    Awaitility.await()
        .atMost(Duration.ofMinutes(2))
        .until(
            () ->
                admin.serviceAccounts().inAnyNamespace().list().getItems().stream()
                        .filter(
                            account -> account.getMetadata().getNamespace().startsWith("chaos-"))
                        .count()
                    >= size.namespaces());
    parallel(size.namespaces() / 10, i -> admin.resource(deployment(i)).create());
    parallel(
        size.pods() - 2 * (size.namespaces() / 10),
        i -> admin.resource(pod(i % size.namespaces(), "pod-" + i, i % size.nodes(), i)).create());
  }

  static Namespace namespace(int i, String team) {
    return new NamespaceBuilder()
        .withNewMetadata()
        .withName(namespace(i))
        .addToLabels("team", team)
        .addToLabels(i % 7 == 0 ? Map.of("tier", "gold") : Map.of())
        .endMetadata()
        .build();
  }

  /// @param shape decides about its requests and limits
  static Pod pod(int namespace, String name, int node, int shape) {
    var resources =
        switch (shape % 4) {
          case 0 -> "{}";
          case 1 -> "{requests: {cpu: 10m, memory: 64Mi}}";
          default -> "{limits: {cpu: 100m, memory: 128Mi}}";
        };
    return Serialization.unmarshal(
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: %s, namespace: %s}
        spec:
          nodeName: %s
          automountServiceAccountToken: false
          terminationGracePeriodSeconds: 0
          containers: [{name: app, image: example.test/app, resources: %s}]
        """
            .formatted(name, namespace(namespace), node(node), resources),
        Pod.class);
  }

  private static Deployment deployment(int namespace) {
    return Serialization.unmarshal(
        """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: app, namespace: %s}
        spec:
          replicas: 2
          selector: {matchLabels: {app: app}}
          template:
            metadata: {labels: {app: app}}
            spec: {containers: [{name: app, image: example.test/app}]}
        """
            .formatted(namespace(namespace)),
        Deployment.class);
  }

  /// Creates or changes a policy.
  ///
  /// @param memory its default memory limit, in Mi
  CgroupPolicy apply(String policy, int memory) {
    var yaml =
        """
        apiVersion: cgroup-policy.io/v1alpha1
        kind: CgroupPolicy
        metadata: {name: %s}
        spec:
        """
                .formatted(policy)
            + POLICIES.get(policy).replace("MEMORY", memory + "Mi").indent(2);
    return admin
        .resource(Serialization.unmarshal(yaml, CgroupPolicy.class))
        .patch(
            new PatchContext.Builder()
                .withPatchType(PatchType.SERVER_SIDE_APPLY)
                .withFieldManager("chaos")
                .withForce(true)
                .build());
  }

  static void parallel(int n, IntConsumer task) {
    try (var threads = Executors.newFixedThreadPool(AT_A_TIME)) {
      CompletableFuture.allOf(
              IntStream.range(0, n)
                  .mapToObj(i -> CompletableFuture.runAsync(() -> task.accept(i), threads))
                  .toArray(CompletableFuture[]::new))
          .join();
    }
  }
}
