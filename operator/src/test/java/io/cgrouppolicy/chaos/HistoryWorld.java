package io.cgrouppolicy.chaos;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.chaos.HistoryStep.Damage;
import io.cgrouppolicy.chaos.HistoryStep.Foreign;
import io.cgrouppolicy.chaos.HistoryStep.Need;
import io.cgrouppolicy.chaos.HistoryStep.Permission;
import io.cgrouppolicy.testing.LocalCluster;
import io.cgrouppolicy.testing.Permissions;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/// The namespaces and policies of a running history. Their names start with its id, and a label
/// separates them from those of others.
final class HistoryWorld implements AutoCloseable {
  /// How long namespaces may take to go, and ServiceAccounts to be created.
  private static final Duration PATIENCE = Duration.ofSeconds(45);

  /// What the operator restores at once; later changes within a minute wait.
  private static final int RESTORED_AT_ONCE = 3;

  final String id = "h" + UUID.randomUUID().toString().substring(0, 8);
  final KubernetesClient admin = LocalCluster.get().admin();
  final HistoryOperator operator;
  private final Duration patience;
  private final Map<String, Integer> damaged = new HashMap<>();
  private Permissions missing;
  private Duration slowest = Duration.ZERO;

  /// @param patience how long the operator may take until the cluster equals its policies
  HistoryWorld(HistoryOperator operator, Duration patience) {
    this.operator = operator;
    this.patience = patience;
    operator.start();
  }

  String namespace(int number) {
    return id + "-" + number;
  }

  Resource<CgroupPolicy> policy(int number) {
    return admin.resources(CgroupPolicy.class).withName(id + "-p" + number);
  }

  /// The longest time from the last step to a cluster that equals its policies.
  Duration slowest() {
    return slowest;
  }

  void put(int number, Map<String, String> labels) {
    var name = namespace(number);
    var namespace =
        new NamespaceBuilder()
            .withNewMetadata()
            .withName(name)
            .withLabels(labels)
            .endMetadata()
            .build();
    await(
        "namespace " + name + " is gone",
        () -> {
          var found = admin.namespaces().withName(name).get();
          return found == null || found.getMetadata().getDeletionTimestamp() == null;
        });
    attempt(() -> admin.resource(namespace).forceConflicts().serverSideApply());
  }

  void apply(int number, HistoryPolicy spec) {
    var yaml = spec.yaml(id, id + "-p" + number);
    admin
        .resource(Serialization.unmarshal(yaml, CgroupPolicy.class))
        .forceConflicts()
        .serverSideApply();
  }

  void createPod(int number, String name, Need need) {
    if (!acceptsPods(number)) {
      return;
    }
    create(
        "v1",
        "Pod",
        number,
        name,
        "{containers: [{name: app, image: example.test/app, resources: %s}]}"
            .formatted(need.resources));
  }

  void deploy(int number, int replicas, Need need) {
    if (!acceptsPods(number)) {
      return;
    }
    var deployment =
        object(
            "apps/v1",
            "Deployment",
            number,
            "app",
            """
            {replicas: %d, selector: {matchLabels: {app: app}}, template: {metadata: {labels: {app: app}},
              spec: {containers: [{name: app, image: example.test/app, resources: %s}]}}}
            """
                .formatted(replicas, need.resources));
    // The fields of the last apply go with it.
    attempt(() -> admin.resource(deployment).forceConflicts().serverSideApply());
  }

  /// Whether the namespace exists; waits for the ServiceAccount that its pods need.
  private boolean acceptsPods(int number) {
    var name = namespace(number);
    await(
        "ServiceAccount of " + name,
        () ->
            !stays(number)
                || admin.serviceAccounts().inNamespace(name).withName("default").get() != null);
    return stays(number);
  }

  private boolean stays(int number) {
    var found = admin.namespaces().withName(namespace(number)).get();
    return found != null && found.getMetadata().getDeletionTimestamp() == null;
  }

  void createForeign(int number, Foreign foreign) {
    create(
        "v1",
        foreign.kind,
        number,
        foreign.name,
        foreign.kind.equals("LimitRange")
            ? "{limits: [{type: Container, default: {memory: 700Mi}}]}"
            : "{hard: {services: 10}}");
  }

  void deleteForeign(int number, Foreign foreign) {
    var objects =
        admin.genericKubernetesResources("v1", foreign.kind).inNamespace(namespace(number));
    var found = objects.withName(foreign.name).get();
    if (found != null
        && Map.of("foreign", "true").equals(found.getMetadata().getLabels())
        && mayDamage(number)) {
      objects.withName(foreign.name).delete();
    }
  }

  void tamper(int number, boolean quota, Damage damage) {
    var objects =
        admin
            .genericKubernetesResources("v1", quota ? "ResourceQuota" : "LimitRange")
            .inNamespace(namespace(number))
            .withName("cgroup-policy");
    var found = objects.get();
    if (found == null || !mayDamage(number)) {
      return;
    }
    var spec =
        quota
            ? "{\"hard\": {\"services\": \"7\"}}"
            : "{\"limits\": [{\"type\": \"Pod\", \"max\": {\"cpu\": \"3\"}}]}";
    attempt(
        () -> {
          switch (damage) {
            case Delete -> objects.delete();
            case Spec -> patch(objects, "{\"spec\": " + spec + "}");
            case Labels -> patch(objects, "{\"metadata\": {\"labels\": null}}");
            case Owners -> patch(objects, "{\"metadata\": {\"ownerReferences\": null}}");
            case Annotations -> patch(objects, "{\"metadata\": {\"annotations\": null}}");
          }
        });
  }

  private static void patch(Resource<GenericKubernetesResource> object, String patch) {
    object.patch(PatchContext.of(PatchType.JSON_MERGE), patch);
  }

  private boolean mayDamage(int number) {
    return damaged.merge(namespace(number), 1, Integer::sum) <= RESTORED_AT_ONCE;
  }

  void take(Permission permission) {
    if (missing == null) {
      missing = Permissions.without(permission.verb, permission.resource);
    }
  }

  void calm() {
    if (missing != null) {
      missing.close();
      missing = null;
    }
    operator.start();
    var from = Instant.now();
    var differences = new String[] {""};
    try {
      Awaitility.await()
          .atMost(patience)
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(50))
          .until(
              () -> {
                differences[0] = String.join("\n", Oracle.of(admin, id).differences());
                return differences[0].isEmpty();
              });
    } catch (ConditionTimeoutException e) {
      throw new AssertionError("after " + patience + ":\n" + differences[0], e);
    }
    var took = Duration.between(from, Instant.now());
    slowest = took.compareTo(slowest) > 0 ? took : slowest;
    operator.assertHealthy();
  }

  private void create(String version, String kind, int number, String name, String spec) {
    attempt(() -> admin.resource(object(version, kind, number, name, spec)).create());
  }

  private HasMetadata object(String version, String kind, int number, String name, String spec) {
    return Serialization.unmarshal(
        """
        apiVersion: %s
        kind: %s
        metadata: {name: %s, namespace: %s, labels: {foreign: 'true'}}
        spec: %s
        """
            .formatted(version, kind, name, namespace(number), spec));
  }

  /// Ignores answers that say that the step does not apply, or that the policies reject it.
  private static void attempt(Runnable step) {
    try {
      step.run();
    } catch (KubernetesClientException e) {
      if (!Set.of(403, 404, 409, 422).contains(e.getCode())) {
        throw e;
      }
    }
  }

  private static void await(String what, Callable<Boolean> condition) {
    Awaitility.await(what)
        .atMost(PATIENCE)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(50))
        .until(condition);
  }

  /// Deletes everything, without waiting.
  @Override
  public void close() {
    if (missing != null) {
      missing.close();
    }
    for (var policy : admin.resources(CgroupPolicy.class).list().getItems()) {
      if (World.name(policy).startsWith(id)) {
        admin.resource(policy).delete();
      }
    }
    admin.namespaces().withLabel("history", id).delete();
  }
}
