package io.cgrouppolicy.core.kubelet.lint;

import io.cgrouppolicy.core.check.DisplayText;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Lints enforceNodeAllocatable and reservedSystemCPUs like `ValidateKubeletConfiguration`.
final class AllocatableLint {
  private static final String FIELD = "enforceNodeAllocatable";
  private static final Set<String> LEVELS =
      Set.of(
          "none",
          "pods",
          "system-reserved",
          "system-reserved-compressible",
          "kube-reserved",
          "kube-reserved-compressible");

  private AllocatableLint() {}

  static void check(Draft draft) {
    var levels = draft.levels();
    var seen = new HashSet<String>();
    for (var level : levels) {
      if (!seen.add(level)) {
        draft.rejected(FIELD, level + " occurs more than once");
      } else if (!LEVELS.contains(level)) {
        draft.rejected(FIELD, "'" + DisplayText.truncate(level, 40) + "' is not a level");
      }
    }
    if (seen.contains("none") && levels.size() > 1) {
      draft.rejected(FIELD, "none excludes all other levels");
    }
    for (var kind : List.of("system", "kube")) {
      reserved(draft, seen, kind);
    }
    if (!draft.is("cgroupsPerQOS")
        && seen.stream().anyMatch(level -> LEVELS.contains(level) && !level.equals("none"))) {
      draft.rejected(
          "cgroupsPerQOS",
          "must be true to enforce " + String.join(" ", levels) + " (pods is the default)");
    }
    reservedCpus(draft);
  }

  private static void reserved(Draft draft, Set<String> levels, String kind) {
    var full = kind + "-reserved";
    var compressible = full + "-compressible";
    if (levels.contains(full) && levels.contains(compressible)) {
      draft.rejected(FIELD, full + " and " + compressible + " exclude each other");
    }
    if (!levels.contains(full) && !levels.contains(compressible)) {
      return;
    }
    var cgroup = kind + "ReservedCgroup";
    if (draft.text(cgroup).isEmpty()) {
      draft.rejected(
          cgroup, "must be set to enforce " + (levels.contains(full) ? full : compressible));
    }
    // `enforceExistingCgroup` in pkg/kubelet/cm/node_container_manager_linux.go.
    if (draft.set(kind + "Reserved").filter(map -> !map.isEmpty()).isEmpty()) {
      draft.fails(
          kind + "Reserved",
          "must be set to enforce "
              + (levels.contains(full) ? full : compressible)
              + "; the kubelet stops: the cgroup is not configured properly");
    }
  }

  private static void reservedCpus(Draft draft) {
    if (draft.text("reservedSystemCPUs").isEmpty()) {
      return;
    }
    for (var cgroup : List.of("systemReservedCgroup", "kubeReservedCgroup")) {
      if (!draft.text(cgroup).isEmpty()) {
        draft.rejected(cgroup, "excludes config.reservedSystemCPUs");
      }
    }
  }
}
