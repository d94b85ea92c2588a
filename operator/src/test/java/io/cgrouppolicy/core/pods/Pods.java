package io.cgrouppolicy.core.pods;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;

/// Creates pods for tests with the operator's own reader. A spec is the inside of a YAML flow
/// mapping.
final class Pods {
  /// Reads all pods of a test, so that equal ones share a shape.
  static final PodReader READER = new PodReader();

  static final String BOTH = "{cpu: 100m, memory: 64Mi}";

  private Pods() {}

  static Pod api(String namespace, String name, String metadata, String spec) {
    return Serialization.unmarshal(
        """
        apiVersion: v1
        kind: Pod
        metadata: {namespace: %s, name: %s, uid: uid-%s, resourceVersion: '7'%s}
        spec: {%s}
        """
            .formatted(namespace, name, name, metadata.isEmpty() ? "" : ", " + metadata, spec),
        Pod.class);
  }

  static PodFacts read(String namespace, String name, String metadata, String spec) {
    return READER.read(api(namespace, name, metadata, spec)).orElseThrow();
  }

  static PodFacts alone(String namespace, String name, String spec) {
    return read(namespace, name, "", spec);
  }

  static PodFacts owned(String namespace, String name, String kind, String owner, String spec) {
    return read(namespace, name, "ownerReferences: [" + owner(kind, owner) + "]", spec);
  }

  static String owner(String kind, String name) {
    return "{apiVersion: apps/v1, kind: %s, name: %s, uid: uid-%s, controller: true}"
        .formatted(kind, name, name);
  }

  static PodShape shape(String spec) {
    return alone("ns", "pod", spec).shape();
  }

  /// A container with these requests and limits, each a YAML flow mapping.
  static String container(String name, String requests, String limits) {
    return "{name: %s, resources: {requests: %s, limits: %s}}".formatted(name, requests, limits);
  }

  static String containers(String... containers) {
    return "containers: " + List.of(containers);
  }

  static String init(String... containers) {
    return "initContainers: " + List.of(containers);
  }
}
