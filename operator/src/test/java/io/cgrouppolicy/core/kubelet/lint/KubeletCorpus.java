package io.cgrouppolicy.core.kubelet.lint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cgrouppolicy.core.kubelet.KubeletFields;
import io.cgrouppolicy.core.kubelet.Specs;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/// Kubelet configurations, valid, invalid and borderline: the same in every run.
final class KubeletCorpus {
  /// Fields of which the linter says less than the kubelet.
  static final Map<String, String> EXCLUDED =
      Map.of(
          "kind", "the linter compares it, because the policy names neither kind nor version",
          "apiVersion", "the same",
          "failCgroupV1", "depends on the cgroup version of the machine",
          "singleProcessOOMKill", "depends on the cgroup version of the machine",
          "showHiddenMetricsForVersion", "must be the version before the kubelet's own");

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final int RANDOM = 2_500;

  private KubeletCorpus() {}

  static List<ObjectNode> all() {
    var singles = new ArrayList<ObjectNode>();
    fields()
        .forEach(
            (path, type) ->
                values(type).forEach(value -> singles.add(with(JSON.objectNode(), path, value))));
    var all = new LinkedHashSet<ObjectNode>(singles);
    misspelled(all);
    KubeletFields.gates()
        .keySet()
        .forEach(
            gate -> {
              all.add(with(JSON.objectNode(), "featureGates." + gate, Specs.json("true")));
              all.add(with(JSON.objectNode(), "featureGates." + gate, Specs.json("false")));
            });
    CorpusValues.RELATIONS.forEach(
        relation ->
            combine(List.copyOf(new TreeMap<>(relation).entrySet()), JSON.objectNode(), all));
    random(singles, all);
    all.forEach(
        configuration ->
            configuration
                .put("apiVersion", KubeletDropIn.API_VERSION)
                .put("kind", KubeletDropIn.KIND));
    return List.copyOf(all);
  }

  private static Map<String, String> fields() {
    var fields = new TreeMap<String, String>();
    collect("", fields);
    return fields;
  }

  private static void collect(String path, Map<String, String> fields) {
    for (var name : KubeletFields.members(path)) {
      var member = path.isEmpty() ? name : path + "." + name;
      if (EXCLUDED.containsKey(member)) {
        continue;
      }
      for (var at = member; KubeletFields.find(at).isPresent(); at += "[]") {
        fields.put(at, KubeletFields.find(at).get().type());
        if (!at.equals(member)) {
          collect(at, fields);
        }
      }
      collect(member, fields);
    }
  }

  private static Set<JsonNode> values(String type) {
    var values = new LinkedHashSet<JsonNode>();
    CorpusValues.WRONG.forEach(value -> values.add(Specs.json(value)));
    switch (type) {
      case "int32", "int64", "uint32", "float64", "any", "quantity" ->
          CorpusValues.NUMBERS.forEach(number -> values.add(JSON.numberNode(number)));
      case "string" -> CorpusValues.TEXTS.forEach(text -> values.add(JSON.textNode(text)));
      default -> {}
    }
    if (Set.of("duration", "any").contains(type)) {
      CorpusValues.DURATIONS.forEach(text -> values.add(JSON.textNode(text)));
    }
    if (Set.of("quantity", "time").contains(type)) {
      CorpusValues.TEXTS.forEach(text -> values.add(JSON.textNode(text)));
    }
    if (type.equals("map")) {
      CorpusValues.KEYS.forEach(
          key ->
              Stream.of("100Mi", "5%", "30s", "", "1")
                  .forEach(value -> values.add(JSON.objectNode().put(key, value))));
    }
    if (type.equals("float64")) {
      Stream.of(0.9, 1.0, 1.1, 0.0001).forEach(number -> values.add(JSON.numberNode(number)));
    }
    return values;
  }

  /// Names in the wrong case or with a letter too many.
  private static void misspelled(Set<ObjectNode> all) {
    fields()
        .forEach(
            (path, type) -> {
              int last = path.lastIndexOf('.') + 1;
              var name = path.substring(last);
              if (name.equals("*") || name.endsWith("[]")) {
                return;
              }
              for (var wrong :
                  List.of(
                      Character.toUpperCase(name.charAt(0)) + name.substring(1),
                      name.toLowerCase(),
                      name.toUpperCase(),
                      name + "s")) {
                if (!wrong.equals(name)) {
                  all.add(
                      with(JSON.objectNode(), path.substring(0, last) + wrong, Specs.json("7")));
                }
              }
            });
  }

  private static void combine(
      List<Map.Entry<String, List<String>>> fields, ObjectNode sofar, Set<ObjectNode> all) {
    if (fields.isEmpty()) {
      all.add(sofar);
      return;
    }
    for (var value : fields.getFirst().getValue()) {
      var next = sofar.deepCopy();
      if (!value.equals("null")) {
        with(next, fields.getFirst().getKey(), Specs.json(value));
      }
      combine(fields.subList(1, fields.size()), next, all);
    }
  }

  private static void random(List<ObjectNode> singles, Set<ObjectNode> all) {
    var random = new Random(36);
    for (int i = 0; i < RANDOM; i++) {
      var configuration = JSON.objectNode();
      for (int n = 2 + random.nextInt(3); n > 0; n--) {
        configuration.setAll(singles.get(random.nextInt(singles.size())).deepCopy());
      }
      all.add(configuration);
    }
  }

  /// Sets the value at a path; a list in it has one element, a map the key that most maps allow.
  private static ObjectNode with(ObjectNode root, String path, JsonNode value) {
    JsonNode at = root;
    var parts = path.replace("[]", ".[]").split("\\.");
    for (int i = 0; i < parts.length; i++) {
      boolean end = i == parts.length - 1;
      JsonNode next =
          end ? value : parts[i + 1].equals("[]") ? JSON.arrayNode() : JSON.objectNode();
      if (at instanceof ArrayNode list) {
        list.add(next);
      } else {
        var key = parts[i].equals("*") ? key(path) : parts[i];
        if (!end && at.has(key)) {
          next = at.get(key);
        }
        ((ObjectNode) at).set(key, next);
      }
      at = next;
    }
    return root;
  }

  private static String key(String path) {
    return path.startsWith("eviction") ? "memory.available" : "memory";
  }
}
