package io.cgrouppolicy.core.kubelet.lint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.cgrouppolicy.api.v1alpha1.NodesSpec.KubeletSpec;
import io.cgrouppolicy.core.check.DisplayText;
import io.cgrouppolicy.core.check.Problem;
import io.cgrouppolicy.core.kubelet.Bound;
import io.cgrouppolicy.core.kubelet.GoDuration;
import io.cgrouppolicy.core.kubelet.KubeletFields;
import io.cgrouppolicy.core.kubelet.KubeletFields.Field;
import io.cgrouppolicy.core.kubelet.lint.Lint.Consequence;
import io.cgrouppolicy.core.policy.NodesRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The kubelet settings of a policy while they are being checked. Values of a wrong type count as
/// absent, because [FieldsLint] reports them.
///
/// @param json the settings as a KubeletConfiguration
record Draft(KubeletSpec spec, ObjectNode json, List<Lint> lints) {
  /// A value, its path in messages, and its key in a map.
  record Match(String at, String key, JsonNode value) {}

  private static final JsonNode EMPTY = TextNode.valueOf("");

  static Draft of(KubeletSpec spec) {
    return new Draft(spec, KubeletDropIn.of(spec), new ArrayList<>());
  }

  void rejected(String field, String message) {
    add(Consequence.REJECTED, field, message + "; the kubelet refuses to start");
  }

  void fails(String field, String message) {
    add(Consequence.FAILS, field, message);
  }

  void ignored(String field, String message) {
    add(Consequence.IGNORED, field, message);
  }

  private void add(Consequence consequence, String field, String message) {
    lints.add(new Lint(consequence, new Problem(path(field), message)));
  }

  /// The path in the policy that a field of the KubeletConfiguration comes from.
  private String path(String field) {
    var top = field.split("[.\\[]", 2)[0];
    boolean inConfig = KubeletDropIn.config(spec).containsKey(top);
    var at =
        !inConfig && NodesRules.OWN_FIELDS.contains(top)
            ? ""
            : inConfig
                    || Bound.of(spec).stream()
                        .noneMatch(b -> b.location().names().getFirst().equals(top))
                ? ".config"
                : ".configBounds";
    return "spec.nodes.kubelet" + at + (field.isEmpty() ? "" : "." + field);
  }

  /// The value that the policy sets at a path; empty if absent or null.
  Optional<JsonNode> set(String path) {
    JsonNode value = json;
    for (var name : path.split("\\.")) {
      value = value.path(name);
    }
    return value.isMissingNode() || value.isNull() ? Optional.empty() : Optional.of(value);
  }

  /// The value after the kubelet's defaulting.
  Optional<JsonNode> value(String path) {
    var field = KubeletFields.find(path);
    return set(path)
        .filter(value -> field.filter(f -> f.defaulted() && isZero(f, value)).isEmpty())
        .or(() -> field.flatMap(Field::byDefault));
  }

  /// Whether the kubelet takes a value of a field for unset.
  static boolean isZero(Field field, JsonNode value) {
    return value.isNumber() && value.decimalValue().signum() == 0
        || value.isTextual()
            && (field.type().equals("duration")
                ? GoDuration.parse(value.textValue()).equals(Optional.of(0L))
                : value.textValue().isEmpty());
  }

  /// All values that a path with `[]` or `.*` stands for, without defaults; null, or a field that
  /// an element of a list lacks, is an empty string, as in Go.
  List<Match> all(String path) {
    var matches = List.of(new Match("", "", json));
    for (var part : path.replace("[]", ".[]").split("\\.")) {
      var next = new ArrayList<Match>();
      for (var match : matches) {
        step(match, part, next);
      }
      matches = next;
    }
    return matches;
  }

  private static void step(Match match, String part, List<Match> next) {
    var value = match.value();
    if (part.equals("[]") && value.isArray()) {
      for (int i = 0; i < value.size(); i++) {
        next.add(new Match(match.at() + "[" + i + "]", "", orEmpty(value.get(i))));
      }
    } else if (part.equals("*") && value.isObject()) {
      value
          .properties()
          .forEach(
              entry ->
                  next.add(
                      new Match(
                          match.at() + "[" + DisplayText.truncate(entry.getKey(), 60) + "]",
                          entry.getKey(),
                          orEmpty(entry.getValue()))));
    } else if (value.hasNonNull(part) || match.at().endsWith("]") && isObject(value)) {
      var at = match.at().isEmpty() ? part : match.at() + "." + part;
      next.add(new Match(at, part, value.hasNonNull(part) ? value.get(part) : EMPTY));
    }
  }

  private static boolean isObject(JsonNode value) {
    return value.isObject() || value.equals(EMPTY);
  }

  private static JsonNode orEmpty(JsonNode value) {
    return value.isNull() ? EMPTY : value;
  }

  /// Returns "" if there is none.
  String text(String path) {
    return value(path).filter(JsonNode::isTextual).map(JsonNode::textValue).orElse("");
  }

  long number(String path, long otherwise) {
    return value(path)
        .filter(value -> value.isIntegralNumber() && value.canConvertToLong())
        .map(JsonNode::longValue)
        .orElse(otherwise);
  }

  boolean is(String path) {
    return value(path).filter(JsonNode::isBoolean).map(JsonNode::booleanValue).orElse(false);
  }

  /// Returns nanoseconds; 0 if there is none.
  long duration(String path) {
    return GoDuration.parse(text(path)).orElse(0L);
  }

  /// The levels that the kubelet would enforce.
  List<String> levels() {
    var levels = new ArrayList<String>();
    value("enforceNodeAllocatable")
        .filter(JsonNode::isArray)
        .ifPresent(list -> list.forEach(level -> levels.add(level.asText())));
    return levels;
  }

  /// Whether the kubelet would enforce a reservation ("system" or "kube"), fully or its CPU only.
  boolean enforces(String kind) {
    return levels().stream()
        .anyMatch(l -> l.equals(kind + "-reserved") || l.equals(kind + "-reserved-compressible"));
  }

  /// Whether a feature gate would be on: as set, or by the gates for all alpha and all beta
  /// features, or by default.
  boolean gate(String name) {
    var gate = KubeletFields.gates().get(name);
    var group = gate.attributes().get("stage").equals("ALPHA") ? "AllAlpha" : "AllBeta";
    boolean grouped = gate.attributes().get("stage").matches("ALPHA|BETA");
    return set("featureGates." + name)
        .or(() -> grouped ? set("featureGates." + group) : Optional.empty())
        .or(gate::byDefault)
        .map(JsonNode::asBoolean)
        .orElse(false);
  }
}
