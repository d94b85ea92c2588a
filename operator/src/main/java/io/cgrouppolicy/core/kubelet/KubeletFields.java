package io.cgrouppolicy.core.kubelet;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// The fields of KubeletConfiguration v1beta1 of Kubernetes v1.36 and their types, as printed by
/// `hack/local-cluster/kubeletcheck fields` from the kubelet's own Go types.
public final class KubeletFields {
  /// @param type a Go kind (bool, int32, int64, uint32, float64, string, object, map, list), or
  ///     duration, quantity, time, any
  /// @param pointer whether an absent field differs from a zero value
  /// @param defaulted whether the kubelet replaces a zero value with a default
  public record Field(String type, boolean pointer, boolean defaulted) {}

  public static final String SOURCE = "kubelet-configuration-v1.36.txt";

  /// String fields that hold quantities or percentages.
  private static final Set<String> AMOUNTS =
      Set.of(
          "containerLogMaxSize",
          "evictionHard.*",
          "evictionSoft.*",
          "evictionMinimumReclaim.*",
          "qosReserved.*",
          "systemReserved.*",
          "kubeReserved.*");

  /// Lists whose order has no meaning.
  private static final Set<String> SETS =
      Set.of(
          "allowedUnsafeSysctls",
          "enforceNodeAllocatable",
          "preloadedImagesVerificationAllowlist",
          "registerWithTaints",
          "reservedMemory",
          "shutdownGracePeriodByPodPriority",
          "tlsCipherSuites",
          "tlsCurvePreferences");

  private static final Map<String, Field> FIELDS = read();

  private KubeletFields() {}

  private static Map<String, Field> read() {
    try (var in = KubeletFields.class.getResourceAsStream(SOURCE)) {
      var fields = new TreeMap<String, Field>();
      new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .map(line -> line.split(" "))
          .forEach(
              line -> {
                var remark = line.length > 2 ? line[2] : "";
                fields.put(
                    line[0],
                    new Field(line[1], remark.equals("pointer"), remark.equals("defaulted")));
              });
      return fields;
    } catch (IOException e) {
      throw new UncheckedIOException(SOURCE, e);
    }
  }

  /// @param path with `.*` for any map key and `[]` for any list element
  public static Optional<Field> find(String path) {
    return Optional.ofNullable(FIELDS.get(path));
  }

  public static boolean isAmount(String path) {
    return AMOUNTS.contains(path);
  }

  public static boolean isDuration(String path) {
    return path.equals("evictionSoftGracePeriod.*")
        || find(path).filter(field -> field.type().equals("duration")).isPresent()
        || path.equals("logging.flushFrequency");
  }

  public static boolean isSet(String path) {
    return SETS.contains(path);
  }

  /// The path of a member of an object or a map.
  public static String member(String path, String name) {
    if (find(path).filter(field -> field.type().equals("map")).isPresent()) {
      return path + ".*";
    }
    return path.isEmpty() ? name : path + "." + name;
  }

  /// The member names of an object, or of the whole configuration for "".
  public static SortedSet<String> members(String path) {
    var prefix = path.isEmpty() ? "" : path + ".";
    var members = new TreeSet<String>();
    for (var field : FIELDS.keySet()) {
      if (field.startsWith(prefix) && field.length() > prefix.length()) {
        members.add(field.substring(prefix.length()).split("[.\\[]", 2)[0]);
      }
    }
    return members;
  }
}
