package io.cgrouppolicy.core.kubelet;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.cgrouppolicy.api.v1alpha1.NodesSpec;
import io.cgrouppolicy.api.v1alpha1.NodesSpec.KubeletSpec;
import io.cgrouppolicy.testing.OperatorModule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;

/// Parses policies and answers from text.
public final class Specs {
  private static final YAMLMapper YAML = new YAMLMapper();

  /// The kubelet settings of the design, except for the cgroup of kube-reserved, which differs on
  /// the recorded kubelet.
  public static final String DESIGN =
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

  public static KubeletSpec kubelet(String yaml) {
    return read(yaml, KubeletSpec.class);
  }

  /// @param yaml of `spec.nodes`, without its selector
  public static NodesSpec nodes(String yaml) {
    return read(yaml, NodesSpec.class);
  }

  public static JsonNode json(String yaml) {
    return read(yaml, JsonNode.class);
  }

  public static JsonNode node(Object value) {
    return YAML.valueToTree(value);
  }

  private static <T> T read(String yaml, Class<T> type) {
    try {
      return YAML.readValue(yaml, type);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(yaml, e);
    }
  }

  public static byte[] recorded(String file) {
    try {
      return Files.readAllBytes(OperatorModule.TEST_RESOURCES.resolve("kubelet").resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static KubeletConfiguration config(String yaml) {
    var root = YAML.createObjectNode();
    root.set("kubeletconfig", json(yaml));
    return parse(root.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  public static KubeletConfiguration parse(byte[] configz) {
    try {
      return KubeletConfiguration.parse(configz);
    } catch (MalformedAnswerException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
