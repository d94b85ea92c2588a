package io.cgrouppolicy.core.kubelet.remedy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.cgrouppolicy.api.v1alpha1.NodesSpec.KubeletSpec;
import io.cgrouppolicy.core.kubelet.CgroupName;
import io.cgrouppolicy.core.kubelet.Platform;
import io.cgrouppolicy.core.kubelet.lint.KubeletDropIn;
import io.cgrouppolicy.core.kubelet.lint.KubeletLinter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// Renders files that make a node comply, for the administrators who configure nodes. The operator
/// never applies them, because enforced limits can starve a node's daemons.
public final class KubeletRemedy {
  static final String DROP_IN = "90-cgroup-policy.conf";
  static final String KUBELET_CONFIG = "kubeletconfig.yaml";
  static final String README = "README.txt";

  /// Fields that the Machine Config Operator rejects in a KubeletConfiguration
  /// (`validateUserKubeletConfig`; the last two in older versions), and fields that do not belong
  /// in one.
  private static final Set<String> NOT_ON_OPENSHIFT =
      Set.of(
          "apiVersion",
          "kind",
          "cgroupDriver",
          "clusterDNS",
          "clusterDomain",
          "failSwapOn",
          "featureGates",
          "memorySwap",
          "staticPodPath",
          "configMapAndSecretChangeDetectionStrategy",
          "runtimeRequestTimeout",
          "kubeReserved",
          "kubeReservedCgroup");

  /// Slices that every systemd has.
  private static final Set<String> ALWAYS_THERE = Set.of("system.slice", "user.slice");

  private static final YAMLMapper YAML =
      YAMLMapper.builder()
          .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
          .disable(YAMLGenerator.Feature.SPLIT_LINES)
          .enable(YAMLGenerator.Feature.INDENT_ARRAYS_WITH_INDICATOR)
          .build();

  private KubeletRemedy() {}

  /// @param policy the name of the policy
  /// @param spec `spec.nodes.kubelet`, or null
  /// @return the files by name, sorted; every name is a valid ConfigMap key. Empty if the policy
  ///     has no kubelet settings
  public static SortedMap<String, String> render(
      String policy, KubeletSpec spec, Platform platform) {
    var files = new TreeMap<String, String>();
    if (spec == null) {
      return files;
    }
    var json = KubeletDropIn.of(spec);
    withPods(json);
    var problems = KubeletLinter.lint(spec, Optional.empty());
    if (platform == Platform.OPENSHIFT) {
      files.put(KUBELET_CONFIG, kubeletConfig(policy, json));
      files.put(README, RemedyReadme.openShift(policy, problems));
      return files;
    }
    files.put(DROP_IN, comment(policy) + yaml(json));
    var units = units(policy, spec);
    files.putAll(units);
    files.put(README, RemedyReadme.upstream(policy, spec, problems, units.keySet()));
    return files;
  }

  /// Adds `pods` to the levels. A list without it would disable the kubelet's default, which keeps
  /// pods within node allocatable.
  private static void withPods(ObjectNode json) {
    if (json.get("enforceNodeAllocatable") instanceof ArrayNode levels) {
      var names = new ArrayList<String>();
      levels.forEach(level -> names.add(level.asText()));
      if (!names.isEmpty() && !names.contains("none") && !names.contains("pods")) {
        levels.insert(0, "pods");
      }
    }
  }

  private static String kubeletConfig(String policy, ObjectNode json) {
    var accepted = json.deepCopy();
    accepted.remove(NOT_ON_OPENSHIFT);
    if (accepted.get("enforceNodeAllocatable") instanceof ArrayNode levels) {
      for (int i = levels.size() - 1; i >= 0; i--) {
        if (levels.get(i).asText().startsWith("kube-reserved")) {
          levels.remove(i);
        }
      }
    }
    var object = YAML.createObjectNode();
    object.put("apiVersion", "machineconfiguration.openshift.io/v1").put("kind", "KubeletConfig");
    object.putObject("metadata").put("name", "cgroup-policy-" + policy);
    var spec = object.putObject("spec");
    spec.putObject("machineConfigPoolSelector")
        .putObject("matchLabels")
        .put("pools.operator.machineconfiguration.openshift.io/worker", "");
    spec.set("kubeletConfig", accepted);
    return comment(policy) + yaml(object);
  }

  /// The slice units that the reserved cgroups need with the systemd driver.
  private static SortedMap<String, String> units(String policy, KubeletSpec spec) {
    var units = new TreeMap<String, String>();
    reserved(spec)
        .forEach(
            (cgroup, daemons) -> {
              var driver = spec.cgroupDriver() == null ? "" : spec.cgroupDriver().name();
              boolean systemd =
                  driver.equals("systemd") || driver.isEmpty() && cgroup.endsWith(CgroupName.SLICE);
              var unit = CgroupName.unit(cgroup);
              if (systemd
                  && CgroupName.path(cgroup, true).isPresent()
                  && !ALWAYS_THERE.contains(unit)) {
                units.put(
                    unit.replaceAll("[^-._a-zA-Z0-9]", "_"),
                    """
                    # /etc/systemd/system/%s, from CgroupPolicy %s.
                    # The kubelet does not create this cgroup; it stops if the cgroup is missing.
                    [Unit]
                    Description=%s
                    Before=slices.target kubelet.service

                    [Slice]
                    CPUAccounting=yes
                    MemoryAccounting=yes
                    TasksAccounting=yes

                    [Install]
                    WantedBy=slices.target
                    """
                        .formatted(unit, policy, daemons));
              }
            });
    return units;
  }

  /// The reserved cgroups, each with a description.
  private static Map<String, String> reserved(KubeletSpec spec) {
    var cgroups = new TreeMap<String, String>();
    if (spec.kubeReservedCgroup() != null && !spec.kubeReservedCgroup().isBlank()) {
      cgroups.put(spec.kubeReservedCgroup(), "Kubernetes daemons (kube-reserved)");
    }
    if (spec.systemReservedCgroup() != null && !spec.systemReservedCgroup().isBlank()) {
      cgroups.put(spec.systemReservedCgroup(), "System daemons (system-reserved)");
    }
    return cgroups;
  }

  private static String comment(String policy) {
    return "# From CgroupPolicy " + policy + "; see " + README + ".\n";
  }

  private static String yaml(JsonNode json) {
    try {
      return YAML.writeValueAsString(json);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e); // cannot happen for a tree in memory
    }
  }

  /// The steps in which to enforce levels, starting with the least dangerous.
  static List<List<String>> steps(List<String> levels) {
    var steps = new ArrayList<List<String>>();
    var reached = new ArrayList<String>();
    for (var prefix : List.of("pods", "kube-reserved", "system-reserved")) {
      var added = levels.stream().filter(level -> level.startsWith(prefix)).toList();
      if (prefix.equals("pods") || !added.isEmpty()) {
        reached.addAll(prefix.equals("pods") ? List.of("pods") : added);
        steps.add(List.copyOf(reached));
      }
    }
    return steps;
  }
}
