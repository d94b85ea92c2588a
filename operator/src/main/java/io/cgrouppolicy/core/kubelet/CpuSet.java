package io.cgrouppolicy.core.kubelet;

import java.util.BitSet;
import java.util.Optional;
import java.util.regex.Pattern;

/// Parses a list of CPUs in Linux format, "0-3,8" (`cpuset.Parse` in k8s.io/utils).
public final class CpuSet {
  private static final Pattern RANGE = Pattern.compile("\\+?([0-9]{1,5})(?:-\\+?([0-9]{1,5}))?");

  private CpuSet() {}

  /// Returns empty if the text is not a CPU list, and no CPUs for an empty text.
  public static Optional<BitSet> parse(String text) {
    var cpus = new BitSet();
    if (text.isEmpty()) {
      return Optional.of(cpus);
    }
    for (var part : text.split(",", -1)) {
      var range = RANGE.matcher(part);
      if (!range.matches()) {
        return Optional.empty();
      }
      int first = Integer.parseInt(range.group(1));
      int last = range.group(2) == null ? first : Integer.parseInt(range.group(2));
      if (first > last) {
        return Optional.empty();
      }
      cpus.set(first, last + 1);
    }
    return Optional.of(cpus);
  }
}
