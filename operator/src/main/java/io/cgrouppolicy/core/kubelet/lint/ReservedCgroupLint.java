package io.cgrouppolicy.core.kubelet.lint;

import com.fasterxml.jackson.databind.JsonNode;
import io.cgrouppolicy.core.check.DisplayText;
import io.cgrouppolicy.core.kubelet.CgroupName;
import java.util.List;

/// Lints the names of reserved cgroups that the kubelet enforces. It does not create these cgroups
/// and stops if one is missing (`enforceExistingCgroup`), so a name that it interprets differently
/// than its author matters. It never looks for a cgroup that it does not enforce.
final class ReservedCgroupLint {
  private static final List<String> FIELDS = List.of("systemReservedCgroup", "kubeReservedCgroup");

  private ReservedCgroupLint() {}

  static void check(Draft draft) {
    for (var field : FIELDS) {
      if (!draft.text(field).isEmpty() && isEnforced(draft, field)) {
        name(draft, field, draft.text(field));
      }
    }
    var system = draft.text(FIELDS.get(0));
    var kube = draft.text(FIELDS.get(1));
    if (FIELDS.stream().allMatch(field -> isEnforced(draft, field))
        && CgroupName.same(system, kube, systemd(draft, kube))) {
      draft.ignored(
          FIELDS.get(1),
          "is the same as systemReservedCgroup; the kubelet overwrites one limit with the other");
    }
  }

  private static boolean isEnforced(Draft draft, String field) {
    return draft.enforces(field.substring(0, field.indexOf("Reserved")));
  }

  /// Whether to assume the systemd driver. If it is not set, the name decides: a name that is not a
  /// slice suggests cgroupfs.
  private static boolean systemd(Draft draft, String name) {
    var driver = draft.set("cgroupDriver").map(JsonNode::asText).orElse("");
    return driver.isEmpty() ? name.endsWith(CgroupName.SLICE) : driver.equals("systemd");
  }

  private static void name(Draft draft, String field, String name) {
    if (name.chars().allMatch(c -> c == '/')) {
      draft.fails(
          field, "is the root of all cgroups; the kubelet would limit or lose the whole machine");
      return;
    }
    if (!name.startsWith("/") || name.endsWith("/")) {
      draft.ignored(
          field,
          "must be the absolute name of a cgroup without a trailing slash, such as /system.slice; the"
              + " kubelet guesses the intended name");
    }
    boolean systemd = systemd(draft, name);
    var path = CgroupName.path(name, systemd);
    if (path.isEmpty()) {
      draft.fails(field, "no systemd slice can have this name; the kubelet panics");
    } else if (systemd && !path.equals(CgroupName.path(name, false))) {
      draft.fails(
          field,
          "with the systemd driver the kubelet looks for "
              + DisplayText.truncate(path.get(), 120)
              + " and stops if it does not exist");
    } else if (path.get().matches("/kubepods(\\.slice)?(/.*)?")) {
      draft.fails(field, "is the pods' cgroup; the limits of daemons would apply to pods");
    }
  }
}
