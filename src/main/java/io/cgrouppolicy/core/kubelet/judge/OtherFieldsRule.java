package io.cgrouppolicy.core.kubelet.judge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cgrouppolicy.core.kubelet.CpuSet;
import io.cgrouppolicy.core.kubelet.DisplayText;
import io.cgrouppolicy.core.kubelet.GoDuration;
import io.cgrouppolicy.core.kubelet.KubeletFields;
import io.cgrouppolicy.core.kubelet.judge.KubeletRule.Subject;
import io.cgrouppolicy.core.limits.Quantities;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/// Compares `spec.nodes.kubelet.config` with the configuration in force, by meaning. Fields that
/// the policy does not set are ignored.
final class OtherFieldsRule {
  private OtherFieldsRule() {}

  static List<RuleOutcome> judge(Subject subject) {
    var asked = subject.asked().config();
    var outcomes = new ArrayList<RuleOutcome>();
    if (asked instanceof ObjectNode) {
      compare("", "", asked, subject.config().json(), outcomes);
    } else if (asked != null && !asked.isNull()) {
      outcomes.add(
          new RuleOutcome.Unknown("InvalidConfig", "spec.nodes.kubelet.config is not an object"));
    }
    return outcomes;
  }

  /// @param path the field's path in [KubeletFields]
  /// @param shown the field's path in messages
  private static void compare(
      String path, String shown, JsonNode asked, JsonNode found, List<RuleOutcome> outcomes) {
    if (asked.isObject() && (found == null || found.isObject() || found.isNull())) {
      var members = new TreeMap<String, JsonNode>();
      asked.properties().forEach(entry -> members.put(entry.getKey(), entry.getValue()));
      members.forEach(
          (name, value) ->
              compare(
                  KubeletFields.member(path, name),
                  DisplayText.truncate(shown.isEmpty() ? name : shown + "." + name, 120),
                  value,
                  found == null ? null : found.get(name),
                  outcomes));
    } else if (path.equals("featureGates.*") && found == null) {
      outcomes.add(
          new RuleOutcome.Unknown(
              "FeatureGateNotTold",
              shown + " is not set, and the kubelet does not report its default"));
    } else if (equal(path, asked, found)) {
      outcomes.add(RuleOutcome.SATISFIED);
    } else {
      var wanted = DisplayText.show(asked);
      var actual = DisplayText.show(found);
      outcomes.add(
          new RuleOutcome.Violated(
              shown + " = " + wanted,
              shown + " = " + actual,
              shown + " is " + actual + ", but the policy requires " + wanted));
    }
  }

  private static boolean equal(String path, JsonNode asked, JsonNode found) {
    if (found == null || found.isNull()) {
      return asked.isNull() || isZero(path, asked);
    }
    if (asked.isNull()) {
      return isZero(path, found);
    }
    if (asked.isNumber() && found.isNumber()) {
      return asked.decimalValue().compareTo(found.decimalValue()) == 0;
    }
    if (asked.isArray() && found.isArray()) {
      return KubeletFields.isSet(path)
          ? sameElements(path + "[]", asked, found)
          : sameSequence(path + "[]", asked, found);
    }
    if (asked.isObject() && found.isObject()) {
      return sameMembers(path, asked, found);
    }
    boolean comparable = KubeletFields.isAmount(path) || asked.isTextual() && found.isTextual();
    return asked.equals(found) || comparable && sameText(path, asked.asText(), found.asText());
  }

  /// Whether the kubelet omits a field with this value from its answer: true for zero values,
  /// unless the field distinguishes absent from zero. Absent map keys are never zero.
  private static boolean isZero(String path, JsonNode value) {
    var field = KubeletFields.find(path);
    if (path.endsWith(".*") || field.isEmpty() || field.get().pointer()) {
      return value.isContainerNode() && value.isEmpty();
    }
    return switch (value.getNodeType()) {
      case ARRAY, OBJECT -> value.isEmpty();
      case BOOLEAN -> !value.booleanValue();
      case NUMBER -> value.decimalValue().signum() == 0;
      case STRING ->
          value.textValue().isEmpty()
              || KubeletFields.isDuration(path)
                  && GoDuration.parse(value.textValue()).equals(Optional.of(0L));
      default -> false;
    };
  }

  private static boolean sameText(String path, String asked, String found) {
    if (asked.equals(found)) {
      return true;
    }
    var known = KubeletFields.find(path);
    if (path.equals("reservedSystemCPUs")) {
      var cpus = CpuSet.parse(asked);
      return cpus.isPresent() && cpus.equals(CpuSet.parse(found));
    }
    // A field that is unknown in v1.36 may be a duration or a quantity.
    boolean duration = known.isEmpty() || KubeletFields.isDuration(path);
    boolean amount =
        known.isEmpty() || KubeletFields.isAmount(path) || known.get().type().equals("quantity");
    if (duration && GoDuration.parse(asked).isPresent()) {
      return GoDuration.parse(asked).equals(GoDuration.parse(found));
    }
    return amount && sameAmount(asked, found);
  }

  private static boolean sameAmount(String asked, String found) {
    boolean percent = asked.endsWith("%");
    if (percent != found.endsWith("%")) {
      return false;
    }
    var a = amount(asked, percent);
    var b = amount(found, percent);
    return a.isPresent() && b.isPresent() && a.get().compareTo(b.get()) == 0;
  }

  private static Optional<BigDecimal> amount(String text, boolean percent) {
    return Quantities.parse(percent ? text.substring(0, text.length() - 1) : text);
  }

  private static boolean sameSequence(String path, JsonNode asked, JsonNode found) {
    if (asked.size() != found.size()) {
      return false;
    }
    for (int i = 0; i < asked.size(); i++) {
      if (!equal(path, asked.get(i), found.get(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean sameElements(String path, JsonNode asked, JsonNode found) {
    var left = new ArrayList<JsonNode>();
    found.forEach(left::add);
    for (var element : asked) {
      var match = left.stream().filter(other -> equal(path, element, other)).findFirst();
      if (match.isEmpty()) {
        return false;
      }
      left.remove(match.get());
    }
    return left.isEmpty();
  }

  /// Compares list elements. Unlike at the top level, fields that the policy does not set must be
  /// absent.
  private static boolean sameMembers(String path, JsonNode asked, JsonNode found) {
    var names = new TreeSet<String>();
    asked.fieldNames().forEachRemaining(names::add);
    found.fieldNames().forEachRemaining(names::add);
    return names.stream()
        .allMatch(
            name -> {
              var wanted = asked.get(name);
              var member = KubeletFields.member(path, name);
              return wanted == null
                  ? isZero(member, found.get(name))
                  : equal(member, wanted, found.get(name));
            });
  }
}
