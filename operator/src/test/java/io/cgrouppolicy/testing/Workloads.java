package io.cgrouppolicy.testing;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Map;

/// Creates pods and their controllers for tests. There is no scheduler and no kubelet: a pod is on
/// the node that it names, and nothing runs.
public final class Workloads {
  public static final String UNLIMITED = "{}";
  public static final String LIMITED = "{limits: {cpu: 100m, memory: 64Mi}}";

  private final KubernetesClient client;
  private final String namespace;

  public Workloads(Fixture fixture, String namespace) {
    this.client = fixture.client;
    this.namespace = namespace;
    fixture.awaitPodsAllowed(namespace);
  }

  /// @param resources the resources of its only container `app`
  public Pod pod(String name, String resources) {
    return pod(name, resources, null);
  }

  /// @param node the node that it is bound to, or null
  public Pod pod(String name, String resources, String node) {
    var pod = parse("v1", "Pod", name, podSpec(resources), Pod.class);
    pod.getSpec().setNodeName(node);
    return client.resource(pod).create();
  }

  /// A mirror pod as the kubelet creates it for a static pod.
  public Pod mirror(String name, String resources, String node) {
    var pod = parse("v1", "Pod", name, podSpec(resources), Pod.class);
    pod.getSpec().setNodeName(node);
    return client
        .resource(
            new PodBuilder(pod)
                .editMetadata()
                .withAnnotations(Map.of("kubernetes.io/config.mirror", "0123456789"))
                .endMetadata()
                .build())
        .create();
  }

  public Deployment deployment(String name, int replicas, String resources) {
    return create("apps/v1", "Deployment", name, replicas, resources, Deployment.class);
  }

  public StatefulSet statefulSet(String name, int replicas, String resources) {
    return create("apps/v1", "StatefulSet", name, replicas, resources, StatefulSet.class);
  }

  public DaemonSet daemonSet(String name, String resources) {
    return client
        .resource(
            parse(
                "apps/v1",
                "DaemonSet",
                name,
                "{" + templated(name, resources) + "}",
                DaemonSet.class))
        .create();
  }

  /// @param owner the controller, or null
  public Job job(String name, String resources, HasMetadata owner) {
    var job =
        parse(
            "batch/v1",
            "Job",
            name,
            "{template: {spec: "
                + podSpec(resources).replaceFirst("\\{", "{restartPolicy: Never, ")
                + "}}",
            Job.class);
    if (owner != null) {
      job.addOwnerReference(owner).setController(true);
    }
    return client.resource(job).create();
  }

  private <T extends HasMetadata> T create(
      String version, String kind, String name, int replicas, String resources, Class<T> type) {
    var spec = "{replicas: " + replicas + ", " + templated(name, resources) + "}";
    return client.resource(parse(version, kind, name, spec, type)).create();
  }

  private static String templated(String name, String resources) {
    return "selector: {matchLabels: {app: %s}}, template: {metadata: {labels: {app: %s}}, spec: %s}"
        .formatted(name, name, podSpec(resources));
  }

  private static String podSpec(String resources) {
    return "{containers: [{name: app, image: example.test/app, resources: " + resources + "}]}";
  }

  private <T> T parse(String version, String kind, String name, String spec, Class<T> type) {
    return Serialization.unmarshal(
        """
        apiVersion: %s
        kind: %s
        metadata: {name: %s, namespace: %s}
        spec: %s
        """
            .formatted(version, kind, name, namespace, spec),
        type);
  }

  /// A node without a kubelet, with the test's label. Its initial taint is removed, so that it
  /// accepts pods of DaemonSets.
  public static Node node(Fixture fixture, String suffix) {
    var resources = Map.of("cpu", new Quantity("4"), "memory", new Quantity("8Gi"));
    var created =
        fixture
            .client
            .resource(
                new NodeBuilder()
                    .withNewMetadata()
                    .withName(fixture.id + "-" + suffix)
                    .addToLabels("test", fixture.id)
                    .endMetadata()
                    .withNewStatus()
                    .withCapacity(resources)
                    .withAllocatable(resources)
                    .endStatus()
                    .build())
            .create();
    return fixture
        .client
        .resource(created)
        .edit(node -> new NodeBuilder(node).editSpec().withTaints().endSpec().build());
  }
}
