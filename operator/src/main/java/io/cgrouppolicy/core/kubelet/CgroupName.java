package io.cgrouppolicy.core.kubelet;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/// Interprets the names of reserved cgroups like the kubelet (`CgroupName` in
/// pkg/kubelet/cm/cgroup_manager_linux.go).
public final class CgroupName {
  public static final String SLICE = ".slice";

  private CgroupName() {}

  /// The path below /sys/fs/cgroup where the kubelet looks for the cgroup. With the systemd driver,
  /// only the last component of the name counts, and "a-b.slice" is inside "a.slice". Empty if no
  /// slice can have this name.
  public static Optional<String> path(String name, boolean systemd) {
    if (!systemd) {
      return Optional.of(
          "/"
              + Arrays.stream(name.split("/"))
                  .filter(part -> !part.isEmpty())
                  .collect(Collectors.joining("/")));
    }
    var unit = unit(name);
    var stem = unit.substring(0, unit.length() - SLICE.length());
    if (Arrays.stream(stem.split("-", -1)).anyMatch(String::isEmpty)) {
      return Optional.empty();
    }
    var path = new StringBuilder();
    var prefix = "";
    for (var part : stem.split("-")) {
      prefix = prefix.isEmpty() ? part : prefix + "-" + part;
      path.append('/').append(prefix).append(SLICE);
    }
    return Optional.of(path.toString());
  }

  /// The slice unit of the cgroup, for the systemd driver.
  public static String unit(String name) {
    var parts = name.split("/");
    var last = parts.length == 0 ? "" : parts[parts.length - 1];
    return last.endsWith(SLICE) ? last : last + SLICE;
  }

  /// Whether both names mean the same cgroup; never for an empty name.
  public static boolean same(String a, String b, boolean systemd) {
    var path = path(a, systemd);
    return !a.isEmpty()
        && !b.isEmpty()
        && (a.equals(b) || path.isPresent() && path.equals(path(b, systemd)));
  }
}
