package io.cgrouppolicy.core.kubelet.lint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cgrouppolicy.api.v1alpha1.NodesSpec.KubeletSpec;
import io.cgrouppolicy.core.kubelet.Bound;
import io.cgrouppolicy.core.kubelet.judge.AllocatableRules;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Map;
import java.util.TreeMap;

/// Renders the kubelet settings of a policy as a KubeletConfiguration with no other fields.
public final class KubeletDropIn {
  static final String API_VERSION = "kubelet.config.k8s.io/v1beta1";
  static final String KIND = "KubeletConfiguration";

  private KubeletDropIn() {}

  /// Fields of the policy take precedence over the same fields in `config`, and these over bounds,
  /// of which the nearest value is taken.
  public static ObjectNode of(KubeletSpec spec) {
    var json = JsonNodeFactory.instance.objectNode();
    json.put("apiVersion", API_VERSION).put("kind", KIND);
    if (spec.cgroupDriver() != null) {
      json.put("cgroupDriver", spec.cgroupDriver().name());
    }
    if (spec.enforceNodeAllocatable() != null) {
      var levels = json.putArray("enforceNodeAllocatable");
      spec.enforceNodeAllocatable().forEach(level -> levels.add(AllocatableRules.name(level)));
    }
    amounts(json, "systemReserved", spec.systemReserved());
    text(json, "systemReservedCgroup", spec.systemReservedCgroup());
    amounts(json, "kubeReserved", spec.kubeReserved());
    text(json, "kubeReservedCgroup", spec.kubeReservedCgroup());
    if (spec.podPidsLimit() != null) {
      json.put("podPidsLimit", spec.podPidsLimit());
    }
    config(spec)
        .forEach(
            (name, value) -> {
              if (!json.has(name)) {
                json.set(name, value.deepCopy());
              }
            });
    Bound.of(spec).forEach(bound -> bound.addTo(json));
    return json;
  }

  /// The members of `config` by name; empty if it is not an object.
  static Map<String, JsonNode> config(KubeletSpec spec) {
    var members = new TreeMap<String, JsonNode>();
    if (spec.config() instanceof ObjectNode config) {
      config.properties().forEach(entry -> members.put(entry.getKey(), entry.getValue()));
    }
    return members;
  }

  private static void amounts(ObjectNode json, String field, Map<String, Quantity> amounts) {
    if (amounts != null) {
      var map = json.putObject(field);
      new TreeMap<>(amounts).forEach((resource, amount) -> map.put(resource, amount.toString()));
    }
  }

  private static void text(ObjectNode json, String field, String value) {
    if (value != null) {
      json.put(field, value);
    }
  }
}
