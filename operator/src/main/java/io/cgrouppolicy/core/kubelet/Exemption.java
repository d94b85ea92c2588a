package io.cgrouppolicy.core.kubelet;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Taint;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// Kinds of nodes that cannot be judged, because there is no Linux kubelet that the operator could
/// ask. They are not asked, and count as not applicable: neither compliant nor unknown.
public enum Exemption {
  /// The kubelet of such a node accepts no connections from the cluster
  /// (aws/containers-roadmap#1798).
  Fargate("the node is an AWS Fargate pod, whose kubelet answers only to AWS"),

  /// An implementation of virtual-kubelet, such as Azure's virtual nodes or Liqo.
  VirtualKubelet("the node is a virtual kubelet without a machine of its own"),

  Kwok("the node is simulated by kwok and runs nothing"),

  /// The kubelet could be asked, but a policy is about cgroups: Windows has none, and neither
  /// enforces reservations nor limits PIDs.
  Windows("the node runs Windows, which has no cgroups");

  private static final String COMPUTE_TYPE = "eks.amazonaws.com/compute-type";

  /// `spec.providerID` of a Fargate node ends in `/fargate-ip-192-0-2-1.REGION.compute.internal`.
  private static final String FARGATE = "/fargate-";

  private static final String VIRTUAL_KUBELET = "virtual-kubelet.io/provider";
  private static final String LIQO = "virtual-node.liqo.io/not-allowed";

  /// The annotation or label by which kwok selects its nodes, and the taint of its examples; caches
  /// of nodes must keep the annotation.
  public static final String KWOK = "kwok.x-k8s.io/node";

  private final String message;

  Exemption(String message) {
    this.message = message;
  }

  public String message() {
    return message;
  }

  /// Whether the pods of such a node share a machine.
  public boolean hasMachine() {
    return this == Windows;
  }

  static Optional<Exemption> of(Node node) {
    var metadata = node.getMetadata();
    var labels = Objects.requireNonNullElse(metadata.getLabels(), Map.<String, String>of());
    var annotations =
        Objects.requireNonNullElse(metadata.getAnnotations(), Map.<String, String>of());
    var spec = Optional.ofNullable(node.getSpec());
    var taints = spec.map(s -> s.getTaints()).orElse(List.of());
    var provider = spec.map(s -> s.getProviderID()).orElse("");
    var info = node.getStatus() == null ? null : node.getStatus().getNodeInfo();
    var system = info == null ? "" : Objects.requireNonNullElse(info.getOperatingSystem(), "");
    var version = info == null ? "" : Objects.requireNonNullElse(info.getKubeletVersion(), "");
    var type = labels.getOrDefault("type", "");
    if ("fargate".equals(labels.get(COMPUTE_TYPE))
        || taints.stream().anyMatch(t -> is(t, COMPUTE_TYPE) && "fargate".equals(t.getValue()))
        || provider.startsWith("aws:") && provider.contains(FARGATE)) {
      return Optional.of(Fargate);
    }
    if (type.equals("virtual-kubelet")
        || "virtual-node".equals(labels.get("liqo.io/type"))
        || version.contains("-vk-")
        || taints.stream().anyMatch(t -> is(t, VIRTUAL_KUBELET) || is(t, LIQO))) {
      return Optional.of(VirtualKubelet);
    }
    if (type.equals("kwok")
        || annotations.containsKey(KWOK)
        || labels.containsKey(KWOK)
        || taints.stream().anyMatch(t -> is(t, KWOK))) {
      return Optional.of(Kwok);
    }
    return system.equals("windows") || "windows".equals(labels.get("kubernetes.io/os"))
        ? Optional.of(Windows)
        : Optional.empty();
  }

  private static boolean is(Taint taint, String key) {
    return key.equals(taint.getKey());
  }
}
