package io.cgrouppolicy.kubelet;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.cgrouppolicy.api.v1alpha1.NodesSpec;
import io.cgrouppolicy.api.v1alpha1.NodesSpec.KubeletSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Policies and answers as text.
final class Specs {
  private static final YAMLMapper YAML = new YAMLMapper();

  /// The kubelet block of the design, but for the cgroup of kube-reserved, which the recorded
  /// kubelet has elsewhere.
  static final String DESIGN =
      """
      cgroupDriver: systemd
      enforceNodeAllocatable: [pods, system-reserved, kube-reserved]
      systemReserved: {cpu: 500m, memory: 1Gi}
      systemReservedCgroup: /system.slice
      kubeReserved: {cpu: 500m, memory: 1Gi}
      kubeReservedCgroup: /kube.slice
      podPidsLimit: 4096
      config: {maxPods: 110}
      """;

  private Specs() {}

  static KubeletSpec kubelet(String yaml) {
    return read(yaml, KubeletSpec.class);
  }

  /// @param yaml of `spec.nodes`, without its selector
  static NodesSpec nodes(String yaml) {
    return read(yaml, NodesSpec.class);
  }

  static JsonNode json(String yaml) {
    return read(yaml, JsonNode.class);
  }

  static JsonNode node(Object value) {
    return YAML.valueToTree(value);
  }

  private static <T> T read(String yaml, Class<T> type) {
    try {
      return YAML.readValue(yaml, type);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(yaml, e);
    }
  }

  static byte[] recorded(String file) {
    try {
      return Files.readAllBytes(Path.of("src/test/resources/kubelet", file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static KubeletConfig config(String yaml) {
    var root = YAML.createObjectNode();
    root.set("kubeletconfig", json(yaml));
    return parse(root.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  static KubeletConfig parse(byte[] configz) {
    try {
      return KubeletConfig.parse(configz);
    } catch (KubeletConfigException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
