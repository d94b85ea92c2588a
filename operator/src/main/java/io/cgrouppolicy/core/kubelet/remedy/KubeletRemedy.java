package io.cgrouppolicy.core.kubelet.remedy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.cgrouppolicy.api.v1alpha1.NodesSpec.CgroupDriver;
import io.cgrouppolicy.api.v1alpha1.NodesSpec.KubeletSpec;
import io.cgrouppolicy.api.v1alpha1.NodesSpec.Preset;
import io.cgrouppolicy.core.kubelet.CgroupName;
import io.cgrouppolicy.core.kubelet.NodeFacts;
import io.cgrouppolicy.core.kubelet.Platform;
import io.cgrouppolicy.core.kubelet.lint.KubeletDropIn;
import io.cgrouppolicy.core.kubelet.lint.KubeletLinter;
import io.cgrouppolicy.core.kubelet.remedy.RemedyReadme.Daemons;
import io.cgrouppolicy.core.kubelet.reservation.Reservations;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
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

  /// A ConfigMap holds at most 1 MiB, and a person reads it.
  static final int MAX_SIZES = 10;

  private static final YAMLMapper YAML =
      YAMLMapper.builder()
          .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
          .disable(YAMLGenerator.Feature.SPLIT_LINES)
          .enable(YAMLGenerator.Feature.INDENT_ARRAYS_WITH_INDICATOR)
          .build();

  private KubeletRemedy() {}

  /// @param policy the name of the policy
  /// @param spec `spec.nodes.kubelet`, or null
  /// @param nodes that the policy judges, for formulas
  /// @return the files by name, sorted; every name is a valid ConfigMap key. Empty if the policy
  ///     has no kubelet settings
  public static SortedMap<String, String> render(
      String policy, KubeletSpec spec, Platform platform, Collection<NodeFacts> nodes) {
    var files = new TreeMap<String, String>();
    if (spec == null) {
      return files;
    }
    var resolved = Reservations.resolve(spec, SizedDropIn.size(spec, nodes));
    var json = KubeletDropIn.of(resolved);
    withPods(json);
    withParallelPulls(json);
    var problems = KubeletLinter.lint(resolved, Optional.empty());
    if (platform == Platform.OPENSHIFT) {
      files.put(KUBELET_CONFIG, kubeletConfig(policy, json, autoSizes(spec)));
      files.put(README, RemedyReadme.openShift(policy, problems, json));
      return files;
    }
    var sized =
        Reservations.hasFormula(spec) ? SizedDropIn.of(spec, nodes) : List.<SizedDropIn>of();
    if (!sized.isEmpty()) {
      json.remove(SizedDropIn.FIELDS);
    }
    sized.stream()
        .limit(MAX_SIZES)
        .forEach(size -> files.put(size.file(), comment(policy) + yaml(size.json())));
    files.put(DROP_IN, comment(policy) + yaml(json));
    var units = units(spec);
    units.forEach((unit, daemons) -> files.put(key(unit), slice(policy, unit, daemons)));
    files.put(README, RemedyReadme.upstream(policy, spec, problems, units, sized, json));
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

  /// Adds what maxParallelImagePulls requires. A kubelet chooses it by itself in its configuration
  /// file, but not under a drop-in, where the default is already set.
  private static void withParallelPulls(ObjectNode json) {
    if (json.path("maxParallelImagePulls").asInt() > 1 && !json.has("serializeImagePulls")) {
      json.put("serializeImagePulls", false);
    }
  }

  /// Whether the Machine Config Operator can compute system-reserved itself.
  private static boolean autoSizes(KubeletSpec spec) {
    var formula = spec.systemReservedFormula();
    return spec.systemReserved() == null
        && formula != null
        && formula.preset() == Preset.OpenShift
        && formula.resources() == null;
  }

  private static String kubeletConfig(String policy, ObjectNode json, boolean autoSizes) {
    var accepted = json.deepCopy();
    accepted.remove(NOT_ON_OPENSHIFT);
    if (autoSizes) {
      accepted.remove("systemReserved");
    }
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
    if (autoSizes) {
      spec.put("autoSizingReserved", true);
    }
    spec.set("kubeletConfig", accepted);
    return comment(policy) + yaml(object);
  }

  /// The slice units that the reserved cgroups need with the systemd driver.
  private static SortedMap<String, Daemons> units(KubeletSpec spec) {
    var units = new TreeMap<String, Daemons>();
    unit(spec, spec.systemReservedCgroup()).ifPresent(unit -> units.put(unit, Daemons.SYSTEM));
    unit(spec, spec.kubeReservedCgroup()).ifPresent(unit -> units.put(unit, Daemons.KUBE));
    return units;
  }

  private static Optional<String> unit(KubeletSpec spec, String cgroup) {
    if (cgroup == null || cgroup.isBlank()) {
      return Optional.empty();
    }
    boolean systemd =
        spec.cgroupDriver() == null
            ? cgroup.endsWith(CgroupName.SLICE)
            : spec.cgroupDriver() == CgroupDriver.systemd;
    return Optional.of(CgroupName.unit(cgroup))
        .filter(unit -> systemd && CgroupName.path(cgroup, true).isPresent())
        .filter(unit -> !ALWAYS_THERE.contains(unit));
  }

  private static String slice(String policy, String unit, Daemons daemons) {
    return """
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
        .formatted(unit, policy, daemons.description());
  }

  /// The key of a unit in a ConfigMap, which allows fewer characters.
  private static String key(String unit) {
    return unit.replaceAll("[^-._a-zA-Z0-9]", "_");
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
