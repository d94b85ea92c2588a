package io.cgrouppolicy.core.kubelet.lint;

import io.cgrouppolicy.core.kubelet.CgroupName;
import io.cgrouppolicy.core.kubelet.Texts;
import io.cgrouppolicy.core.kubelet.lint.Lint.Draft;
import java.util.List;

/// The names of the reserved cgroups. The kubelet does not create these cgroups: it stops where
/// one is not there (`enforceExistingCgroup`), so a name that it reads otherwise than its author
/// matters.
final class ReservedCgroupLint {
  private static final List<String> FIELDS = List.of("systemReservedCgroup", "kubeReservedCgroup");

  private ReservedCgroupLint() {}

  static void check(Draft draft) {
    for (var field : FIELDS) {
      if (!draft.text(field).isEmpty()) {
        name(draft, field, draft.text(field));
      }
    }
    var system = draft.text(FIELDS.get(0));
    var kube = draft.text(FIELDS.get(1));
    if (CgroupName.same(system, kube, systemd(draft, kube))) {
      draft.ignored(
          FIELDS.get(1),
          "is systemReservedCgroup too; the kubelet puts the one limit over the other");
    }
  }

  /// As most do where nothing is said; then a name that is no slice is taken for one of cgroupfs.
  private static boolean systemd(Draft draft, String name) {
    var driver = draft.text("cgroupDriver");
    return driver.isEmpty() ? name.endsWith(CgroupName.SLICE) : driver.equals("systemd");
  }

  private static void name(Draft draft, String field, String name) {
    if (name.chars().allMatch(c -> c == '/')) {
      draft.fails(field, "is the root of all cgroups; the kubelet would limit or lose the machine");
      return;
    }
    if (!name.startsWith("/") || name.endsWith("/")) {
      draft.ignored(
          field,
          "must be the absolute name of a cgroup without a slash at its end, such as /system.slice;"
              + " the kubelet guesses what is meant");
    }
    boolean systemd = systemd(draft, name);
    var path = CgroupName.path(name, systemd);
    if (path.isEmpty()) {
      draft.fails(field, "no systemd slice can have this name; the kubelet panics");
    } else if (systemd && !path.equals(CgroupName.path(name, false))) {
      draft.fails(
          field,
          "with the systemd driver the kubelet looks for "
              + Texts.cut(path.get(), 120)
              + " and stops where that is not there");
    } else if (path.get().matches("/kubepods(\\.slice)?(/.*)?")) {
      draft.fails(field, "is the cgroup of the pods; the limits of daemons would apply to pods");
    }
  }
}
