package io.cgrouppolicy.core.kubelet;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// The fields of KubeletConfiguration v1beta1 and the feature gates of Kubernetes v1.36, as printed
/// by `hack/local-cluster/kubeletcheck fields` from the kubelet's own Go types and defaults.
public final class KubeletFields {
  /// @param type a Go kind (bool, int32, int64, uint32, float64, string, object, map, list), or
  ///     duration, quantity, time, any, gate
  /// @param remarks pointer: an absent field differs from a zero value; defaulted: the kubelet
  ///     replaces a zero value with the default; locked: a gate that cannot be changed
  /// @param byDefault the value in `/configz` if the field is not set; empty if it is left out
  /// @param unset what a kubelet does that leaves the field out of `/configz`; empty if unknown, or
  ///     if that is the zero value
  public record Field(
      String type,
      Set<String> remarks,
      Map<String, String> attributes,
      Optional<JsonNode> byDefault,
      Optional<JsonNode> unset) {
    public boolean pointer() {
      return remarks.contains("pointer");
    }

    public boolean defaulted() {
      return remarks.contains("defaulted");
    }

    public boolean locked() {
      return remarks.contains("locked");
    }

    /// The first version that behaves like [#unset].
    public KubeletVersion since() {
      return KubeletVersion.parse(attributes.getOrDefault("since", "1.0")).orElseThrow();
    }

    /// The comma-separated values of an attribute.
    public List<String> list(String attribute) {
      var values = attributes.get(attribute);
      return values == null ? List.of() : List.of(values.split(","));
    }
  }

  public static final String SOURCE = "kubelet-configuration-v1.36.txt";

  /// The version of [#SOURCE].
  public static final KubeletVersion VERSION = new KubeletVersion(1, 36);

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

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final SortedMap<String, Field> FIELDS = new TreeMap<>();
  private static final SortedMap<String, Field> GATES = new TreeMap<>();

  static {
    try (var in = KubeletFields.class.getResourceAsStream(SOURCE)) {
      new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().forEach(KubeletFields::read);
    } catch (IOException e) {
      throw new UncheckedIOException(SOURCE, e);
    }
  }

  private KubeletFields() {}

  private static void read(String line) {
    var words = line.split(" ");
    var remarks = new TreeSet<String>();
    var attributes = new TreeMap<String, String>();
    for (var word : List.of(words).subList(2, words.length)) {
      int equals = word.indexOf('=');
      if (equals < 0) {
        remarks.add(word);
      } else {
        attributes.put(word.substring(0, equals), word.substring(equals + 1));
      }
    }
    var field =
        new Field(
            words[1],
            remarks,
            attributes,
            Optional.ofNullable(attributes.remove("default")).map(KubeletFields::parse),
            Optional.ofNullable(attributes.remove("unset")).map(KubeletFields::parse));
    if (field.type().equals("gate")) {
      GATES.put(words[0].substring(words[0].indexOf('.') + 1), field);
    } else {
      FIELDS.put(words[0], field);
    }
  }

  private static JsonNode parse(String json) {
    try {
      return JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(SOURCE, e);
    }
  }

  /// @param path with `.*` for any map key and `[]` for any list element
  public static Optional<Field> find(String path) {
    return Optional.ofNullable(FIELDS.get(path));
  }

  public static SortedMap<String, Field> gates() {
    return GATES;
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

  /// The path of a dotted name such as evictionHard.memory.available, whose last part is the key of
  /// a map. For an unknown name, every part is a member.
  public static Location locate(String dotted) {
    var names = new ArrayList<String>();
    var path = "";
    var rest = dotted;
    while (!rest.isEmpty()) {
      boolean key = find(path).filter(field -> field.type().equals("map")).isPresent();
      int dot = key ? -1 : rest.indexOf('.');
      var name = dot < 0 ? rest : rest.substring(0, dot);
      rest = dot < 0 ? "" : rest.substring(dot + 1);
      path = member(path, name);
      names.add(name);
    }
    return new Location(path, List.copyOf(names));
  }

  /// A field's path and the names of the members that lead to it.
  public record Location(String path, List<String> names) {
    /// The value in a configuration, or null.
    public JsonNode in(JsonNode configuration) {
      for (var name : names) {
        configuration = configuration.path(name);
      }
      return configuration.isMissingNode() || configuration.isNull() ? null : configuration;
    }
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
