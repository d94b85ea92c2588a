package io.cgrouppolicy.core.kubelet;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/// The name of a reserved cgroup, as the kubelet reads it (`CgroupName` in
/// pkg/kubelet/cm/cgroup_manager_linux.go).
public final class CgroupName {
  public static final String SLICE = ".slice";

  private CgroupName() {}

  /// Where the kubelet looks for it below /sys/fs/cgroup. With the systemd driver, only the last
  /// part of the name counts, and "a-b.slice" lies in "a.slice". Empty for a name that no slice
  /// can have.
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

  /// The slice unit whose cgroup the kubelet looks for with the systemd driver.
  public static String unit(String name) {
    var parts = name.split("/");
    var last = parts.length == 0 ? "" : parts[parts.length - 1];
    return last.endsWith(SLICE) ? last : last + SLICE;
  }

  /// Whether both names are of the same cgroup; an empty name is of none.
  public static boolean same(String a, String b, boolean systemd) {
    var path = path(a, systemd);
    return !a.isEmpty()
        && !b.isEmpty()
        && (a.equals(b) || path.isPresent() && path.equals(path(b, systemd)));
  }
}
