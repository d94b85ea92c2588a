package io.cgrouppolicy.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Generates specs of CgroupPolicies that the structural schema of the CRD accepts, with absurd
/// content. Walks the schema, so it knows new fields. Does not know the CEL rules: a policy may be
/// older than they are.
public final class PolicyGenerator {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final JsonNode SPEC = schema();

  /// By pattern and maximum length, the texts that match.
  private static final Map<String, List<String>> MATCHING = new HashMap<>();

  private static final List<String> TEXTS =
      Stream.concat(
              HostileTexts.ALL.stream(),
              Stream.of(
                  "team",
                  "app.kubernetes.io/name",
                  "a".repeat(63),
                  "x/" + "a".repeat(63),
                  "a.".repeat(120) + "b/c",
                  "team-*",
                  "node-?.example.com",
                  "-",
                  "cpu",
                  "nvidia.com/gpu",
                  "a.".repeat(120) + "b/" + "c".repeat(63),
                  "hugepages-2Mi",
                  "#platform",
                  "Platform \u202eteam",
                  "\u001b[31m\u0000",
                  "https://example.com/",
                  "https://a:1/\u001b[31m\"><script>",
                  "https://a/" + "é".repeat(200),
                  "/system.slice",
                  "/kube.slice",
                  "/a/b-c.slice",
                  "/" + "a".repeat(500),
                  "/\u0000\u001b\u0085.slice",
                  "/" + "😀".repeat(120),
                  "maxPods",
                  "evictionHard.memory.available",
                  "featureGates.AllAlpha",
                  "a" + ".b".repeat(126),
                  "2026-01-01T00:00:00Z",
                  "9999-12-31T23:59:59.999999999+17:59",
                  "0000-01-01T00:00:00-17:59",
                  "0001-01-01t00:00:00z",
                  "2026-02-30T00:00:00Z",
                  "2027-01-01T00:00:00Z"))
          .toList();

  private static final List<String> RESOURCES =
      List.of(
          "cpu",
          "memory",
          "cpu",
          "memory",
          "ephemeral-storage",
          "pid",
          "storage",
          "hugepages-2Mi",
          "nvidia.com/gpu",
          "pods",
          "limits.memory",
          "requests.cpu",
          "requests.nvidia.com/gpu",
          "count/deployments.apps",
          "services.nodeports",
          "a.".repeat(120) + "b/" + "c".repeat(63),
          "requests." + "d".repeat(63) + ".example.com/" + "e".repeat(63));

  private static final List<String> QUANTITIES =
      List.of(
          "1",
          "2",
          "100m",
          "64Mi",
          "512Mi",
          "1Gi",
          "4Gi",
          "0",
          "0.1",
          "1e3",
          "9223372036854775807",
          "9223372036854775808",
          "8Ei",
          "7Ei",
          "1e99",
          "1e-99",
          "1n",
          "0.1n",
          "1.5n",
          "0.0000000001",
          "+1.",
          ".5",
          "00000000000000000000000000000001",
          "99999999999999999999999999999999",
          "1.0000000000000000000000000000",
          "1E",
          "1E1",
          "3.3333333333333333333333333Ki");

  private static final List<String> FIELDS =
      List.of(
          "maxPods",
          "evictionHard",
          "memory.available",
          "kubeReserved",
          "featureGates",
          "nodefs.available",
          "apiVersion",
          "kind",
          "serializeImagePulls",
          "maxParallelImagePulls",
          "reservedSystemCPUs",
          "logging",
          "tlsCipherSuites",
          "topologyManagerPolicy");

  private final Choices choices;

  /// One leaf in so many is hostile.
  private final int rarity;

  public PolicyGenerator(Choices choices) {
    this.choices = choices;
    this.rarity = choices.pick(List.of(1000, 60, 8, 2));
  }

  private static JsonNode schema() {
    try {
      return new YAMLMapper()
          .readTree(Files.readString(Path.of("crds/cgroup-policy.io_cgrouppolicies.yaml")))
          .at("/spec/versions/0/schema/openAPIV3Schema/properties/spec");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public ObjectNode spec() {
    var spec = object(SPEC, "spec");
    if (!choices.oneIn(4)) {
      Repair.repair(spec);
    }
    return spec;
  }

  private JsonNode value(JsonNode schema, String name) {
    if (schema.path("x-kubernetes-int-or-string").asBoolean()) {
      return quantity(schema, name);
    }
    if (schema.path("x-kubernetes-preserve-unknown-fields").asBoolean()) {
      return configuration(0);
    }
    if (schema.has("enum")) {
      return schema.get("enum").get(choices.below(schema.get("enum").size()));
    }
    return switch (schema.path("type").asText()) {
      case "object" -> object(schema, name);
      case "array" -> array(schema, name);
      case "boolean" -> JSON.booleanNode(choices.oneIn(2));
      case "integer" -> JSON.numberNode(integer(schema));
      case "number" -> number(schema);
      default -> JSON.textNode(text(schema));
    };
  }

  private ObjectNode object(JsonNode schema, String name) {
    var object = JSON.objectNode();
    var required = new HashSet<String>();
    schema.path("required").forEach(field -> required.add(field.asText()));
    schema
        .path("properties")
        .properties()
        .forEach(
            field -> {
              if (required.contains(field.getKey()) || !choices.oneIn(3)) {
                object.set(field.getKey(), value(field.getValue(), field.getKey()));
              }
            });
    var values = schema.path("additionalProperties");
    if (values.isObject()) {
      int most = schema.path("maxProperties").asInt(32);
      for (int n = hostile() ? most : choices.below(3); n > object.size(); ) {
        var key = hostile() ? choices.pick(TEXTS) : key(name, n);
        object.set(object.has(key) ? key + object.size() : key, value(values, name));
      }
    }
    return object;
  }

  private String key(String map, int n) {
    return map.equals("matchLabels") ? "label" + n : choices.pick(RESOURCES);
  }

  private JsonNode array(JsonNode schema, String name) {
    var array = JSON.arrayNode();
    boolean distinct = !schema.path("x-kubernetes-list-type").asText().equals("atomic");
    var key = schema.path("x-kubernetes-list-map-keys").path(0).asText();
    var seen = new HashSet<JsonNode>();
    int most = schema.path("maxItems").asInt(64);
    int least = schema.path("minItems").asInt(0);
    for (int n = hostile() ? most : Math.max(least, choices.below(3)); n > 0; n--) {
      var item = value(schema.get("items"), name);
      if (!distinct || seen.add(key.isEmpty() ? item : item.get(key))) {
        array.add(item);
      }
    }
    return array;
  }

  private JsonNode quantity(JsonNode schema, String name) {
    if (!schema.has("pattern")) { // any scalar
      return choices.oneIn(2)
          ? JSON.numberNode(choices.pick(List.of(0, 1, -1, 110, Integer.MAX_VALUE)))
          : JSON.textNode(hostile() ? text(schema) : choices.pick(QUANTITIES));
    }
    if (choices.oneIn(8)) {
      return JSON.numberNode(choices.pick(List.of(0L, 1L, 4L, 1L << 53, Long.MAX_VALUE)));
    }
    return JSON.textNode(hostile() ? choices.pick(QUANTITIES) : usual(name));
  }

  /// In an order in which a LimitRange is valid.
  private String usual(String name) {
    return switch (name) {
      case "min" -> "0";
      case "defaultRequest" -> "1";
      case "default" -> "1";
      case "max" -> choices.pick(List.of("4", "8"));
      case "maxLimitRequestRatio" -> "2";
      default -> choices.pick(QUANTITIES.subList(0, 7));
    };
  }

  private long integer(JsonNode schema) {
    long least = schema.path("minimum").asLong(Long.MIN_VALUE);
    long most = schema.path("maximum").asLong(Long.MAX_VALUE);
    long wanted =
        choices.pick(List.of(0L, 1L, 4096L, least, most, Integer.MAX_VALUE + 1L, -1L, 1L << 53));
    return Math.clamp(wanted, least, most);
  }

  private JsonNode number(JsonNode schema) {
    double least = schema.path("minimum").asDouble(-1e308);
    double most = schema.path("maximum").asDouble(1e308);
    double wanted = choices.pick(List.of(0.0, 0.1, 50.0, 100.0, 5e-324, 1e308, -1e308, 1e-7));
    return JSON.numberNode(Math.clamp(wanted, least, most));
  }

  private String text(JsonNode schema) {
    var pattern = schema.path("pattern").asText(".*");
    int least = schema.path("minLength").asInt(0);
    int most = schema.path("maxLength").asInt(1 << 16);
    var fitting =
        MATCHING.computeIfAbsent(
            pattern + least + " " + most,
            p ->
                TEXTS.stream()
                    .filter(text -> text.length() >= least)
                    .filter(text -> text.codePointCount(0, text.length()) <= most)
                    .filter(Pattern.compile(pattern, Pattern.DOTALL).asPredicate())
                    .toList());
    if (fitting.isEmpty()) {
      throw new IllegalStateException("no text for " + schema);
    }
    return choices.pick(fitting);
  }

  /// Anything, as the schema does not know the fields of a KubeletConfiguration.
  private JsonNode configuration(int depth) {
    if (depth > 0 && choices.oneIn(2)) {
      return switch (choices.below(6)) {
        case 0 -> JSON.nullNode();
        case 1 -> JSON.booleanNode(choices.oneIn(2));
        case 2 -> JSON.numberNode(choices.pick(List.of(0L, 110L, -1L, Long.MIN_VALUE)));
        case 3 -> JSON.numberNode(choices.pick(List.of(0.8, 1e308, 5e-324)));
        case 4 -> JSON.textNode(choices.pick(QUANTITIES));
        default -> JSON.textNode(choices.pick(HostileTexts.ALL));
      };
    }
    if (depth > 3 || depth > 0 && choices.oneIn(4)) {
      var array = JSON.arrayNode();
      for (int n = depth > 6 ? 0 : choices.below(4); n > 0; n--) {
        array.add(configuration(depth + 1));
      }
      return array;
    }
    var object = JSON.objectNode();
    for (int n = choices.below(6); n > 0; n--) {
      object.set(
          hostile() ? choices.pick(HostileTexts.ALL) : choices.pick(FIELDS),
          configuration(depth + 1));
    }
    return object;
  }

  private boolean hostile() {
    return choices.oneIn(rarity);
  }
}
