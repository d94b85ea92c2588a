package io.cgrouppolicy.core.policy;

import com.fasterxml.jackson.databind.JsonNode;
import io.cgrouppolicy.api.v1alpha1.NodesSpec.ConfigBound;
import io.cgrouppolicy.api.v1alpha1.NodesSpec.EnforcementLevel;
import io.cgrouppolicy.api.v1alpha1.NodesSpec.KubeletSpec;
import io.cgrouppolicy.api.v1alpha1.NodesSpec.PressureSpec;
import io.cgrouppolicy.api.v1alpha1.Shallow;
import io.cgrouppolicy.core.check.Problem;
import io.cgrouppolicy.core.limits.Quantities;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// Rejects settings that no kubelet can have in force (`ValidateKubeletConfiguration` and
/// `parseResourceList` in v1.36) and empty thresholds. Does not check whether a kubelet would start
/// with these settings alone, because a policy may leave out the others.
public final class NodesRules {
  /// The absolute name of a cgroup, of characters and a length that systemd allows in names of
  /// units: the remedy has files and commands with it. A regular expression for the whole string.
  public static final String CGROUP = "(/[-A-Za-z0-9:_.@\\\\]{1,200})+";

  /// The path of a field of a KubeletConfiguration; a regular expression for the whole string.
  public static final String FIELD_PATH = "[A-Za-z][A-Za-z0-9]*(\\.[-A-Za-z0-9_/]+)*";

  private static final Pattern CGROUP_NAME = Pattern.compile(CGROUP);
  static final Pattern QUANTITY = Pattern.compile(Quantities.SYNTAX);

  static final Set<String> RESERVABLE = Set.of("cpu", "memory", "ephemeral-storage", "pid");

  /// The fields of a KubeletConfiguration that `spec.nodes.kubelet` has itself.
  public static final List<String> OWN_FIELDS =
      List.of(
          "cgroupDriver",
          "enforceNodeAllocatable",
          "systemReserved",
          "systemReservedCgroup",
          "kubeReserved",
          "kubeReservedCgroup",
          "podPidsLimit");

  private static final List<Set<EnforcementLevel>> EXCLUSIVE =
      List.of(
          EnumSet.of(
              EnforcementLevel.SYSTEM_RESERVED, EnforcementLevel.SYSTEM_RESERVED_COMPRESSIBLE),
          EnumSet.of(EnforcementLevel.KUBE_RESERVED, EnforcementLevel.KUBE_RESERVED_COMPRESSIBLE));

  private NodesRules() {}

  static List<Problem> kubelet(String field, KubeletSpec kubelet) {
    var problems = new ArrayList<Problem>();
    if (kubelet.enforceNodeAllocatable() != null) {
      levels(
          field + ".enforceNodeAllocatable",
          new HashSet<>(kubelet.enforceNodeAllocatable()),
          problems);
    }
    reserved(field + ".systemReserved", kubelet.systemReserved(), problems);
    reserved(field + ".kubeReserved", kubelet.kubeReserved(), problems);
    FormulaRules.check(field + ".systemReservedFormula", kubelet.systemReservedFormula(), problems);
    FormulaRules.check(field + ".kubeReservedFormula", kubelet.kubeReservedFormula(), problems);
    cgroup(field + ".systemReservedCgroup", kubelet.systemReservedCgroup(), problems);
    cgroup(field + ".kubeReservedCgroup", kubelet.kubeReservedCgroup(), problems);
    var config = kubelet.config();
    if (config != null && !config.isObject()) {
      problems.add(new Problem(field + ".config", "must be an object"));
    } else if (config != null && isDeeper(config, Shallow.LEVELS)) {
      problems.add(
          new Problem(field + ".config", "must have at most " + Shallow.LEVELS + " levels"));
    } else if (config != null) {
      OWN_FIELDS.stream()
          .filter(config::has)
          .map(own -> new Problem(field + ".config." + own, "belongs in " + field + "." + own))
          .forEach(problems::add);
    }
    var bounds = kubelet.configBounds() == null ? List.<ConfigBound>of() : kubelet.configBounds();
    for (int i = 0; i < bounds.size(); i++) {
      var bound = bounds.get(i);
      if (bound.field() == null || !bound.field().matches(FIELD_PATH)) {
        problems.add(
            new Problem(
                field + ".configBounds[" + i + "].field",
                "'" + bound.field() + "' is not the path of a field"));
      }
      boolean range = bound.atLeast() != null || bound.atMost() != null;
      if (range == (bound.oneOf() != null)) {
        problems.add(
            new Problem(
                field + ".configBounds[" + i + "]", "must set either oneOf, or atLeast or atMost"));
      }
    }
    return problems;
  }

  private static boolean isDeeper(JsonNode json, int levels) {
    return json.isContainerNode()
        && (levels == 0 || json.valueStream().anyMatch(value -> isDeeper(value, levels - 1)));
  }

  private static void levels(String at, Set<EnforcementLevel> levels, List<Problem> problems) {
    if (levels.contains(EnforcementLevel.none) && levels.size() > 1) {
      problems.add(new Problem(at, "none excludes all other levels"));
    }
    if (EXCLUSIVE.stream().anyMatch(levels::containsAll)) {
      problems.add(new Problem(at, "a level and its -compressible form exclude each other"));
    }
  }

  private static void reserved(String at, Map<String, Quantity> map, List<Problem> problems) {
    if (map == null) {
      return;
    }
    for (var resource : new TreeSet<>(map.keySet())) {
      if (!RESERVABLE.contains(resource)) {
        problems.add(new Problem(at + "[" + resource + "]", "cannot be reserved"));
      }
    }
    Quantities.amounts(at, map, problems);
  }

  private static void cgroup(String at, String name, List<Problem> problems) {
    if (name != null && !CGROUP_NAME.matcher(name).matches()) {
      problems.add(new Problem(at, "'" + name + "' is not the absolute name of a cgroup"));
    }
  }

  static List<Problem> pressure(String field, PressureSpec pressure) {
    var problems = new ArrayList<Problem>();
    var cpu = pressure.cpu();
    var memory = pressure.memory();
    var io = pressure.io();
    if (cpu == null && memory == null && io == null) {
      problems.add(new Problem(field, "must set a threshold"));
    }
    if (cpu != null && cpu.some() == null) {
      problems.add(new Problem(field + ".cpu", "must set a threshold"));
    }
    if (memory != null && memory.some() == null && memory.full() == null) {
      problems.add(new Problem(field + ".memory", "must set a threshold"));
    }
    if (io != null && io.some() == null && io.full() == null) {
      problems.add(new Problem(field + ".io", "must set a threshold"));
    }
    return problems;
  }
}
