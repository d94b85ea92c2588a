package io.cgrouppolicy.core.kubelet.judge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cgrouppolicy.core.check.DisplayText;
import io.cgrouppolicy.core.kubelet.CpuSet;
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
    var required = subject.required().config();
    var outcomes = new ArrayList<RuleOutcome>();
    if (required instanceof ObjectNode) {
      compare(subject, "", "", required, subject.config().json(), outcomes);
    } else if (required != null && !required.isNull()) {
      outcomes.add(
          new RuleOutcome.Unknown("InvalidConfig", "spec.nodes.kubelet.config is not an object"));
    }
    outcomes.addAll(BoundsRule.judge(subject));
    return outcomes;
  }

  /// @param path the field's path in [KubeletFields]
  /// @param shown the field's path in messages
  private static void compare(
      Subject subject,
      String path,
      String shown,
      JsonNode required,
      JsonNode found,
      List<RuleOutcome> outcomes) {
    if (required.isObject() && (found == null || found.isObject() || found.isNull())) {
      var members = new TreeMap<String, JsonNode>();
      required.properties().forEach(entry -> members.put(entry.getKey(), entry.getValue()));
      members.forEach(
          (name, value) ->
              compare(
                  subject,
                  KubeletFields.member(path, name),
                  DisplayText.truncate(shown.isEmpty() ? name : shown + "." + name, 120),
                  value,
                  found == null ? null : found.get(name),
                  outcomes));
      return;
    }
    var inForce = InForce.of(subject, path, shown, found);
    if (inForce.unknown() != null) {
      outcomes.add(inForce.unknown());
    } else if (equal(path, required, inForce.value())) {
      outcomes.add(RuleOutcome.SATISFIED);
    } else {
      var expected = DisplayText.show(required);
      outcomes.add(
          new RuleOutcome.Violated(
              shown + " = " + expected,
              shown + " = " + inForce.shown(),
              shown + " is " + inForce.shown() + ", but the policy requires " + expected));
    }
  }

  static boolean equal(String path, JsonNode required, JsonNode found) {
    if (found == null || found.isNull()) {
      return required.isNull() || isZero(path, required);
    }
    if (required.isNull()) {
      return isZero(path, found);
    }
    if (required.isNumber() && found.isNumber()) {
      return required.decimalValue().compareTo(found.decimalValue()) == 0;
    }
    if (required.isArray() && found.isArray()) {
      return KubeletFields.isSet(path)
          ? sameElements(path + "[]", required, found)
          : sameSequence(path + "[]", required, found);
    }
    if (required.isObject() && found.isObject()) {
      return sameMembers(path, required, found);
    }
    boolean comparable = KubeletFields.isAmount(path) || required.isTextual() && found.isTextual();
    return required.equals(found)
        || comparable && sameText(path, required.asText(), found.asText());
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

  private static boolean sameText(String path, String required, String found) {
    if (required.equals(found)) {
      return true;
    }
    var known = KubeletFields.find(path);
    if (path.equals("reservedSystemCPUs")) {
      var cpus = CpuSet.parse(required);
      return cpus.isPresent() && cpus.equals(CpuSet.parse(found));
    }
    // A field that is unknown in v1.36 may be a duration or a quantity.
    boolean duration = known.isEmpty() || KubeletFields.isDuration(path);
    boolean amount =
        known.isEmpty() || KubeletFields.isAmount(path) || known.get().type().equals("quantity");
    if (duration && GoDuration.parse(required).isPresent()) {
      return GoDuration.parse(required).equals(GoDuration.parse(found));
    }
    return amount && sameAmount(required, found);
  }

  private static boolean sameAmount(String required, String found) {
    boolean percent = required.endsWith("%");
    if (percent != found.endsWith("%")) {
      return false;
    }
    var a = amount(required, percent);
    var b = amount(found, percent);
    return a.isPresent() && b.isPresent() && a.get().compareTo(b.get()) == 0;
  }

  private static Optional<BigDecimal> amount(String text, boolean percent) {
    return Quantities.parse(percent ? text.substring(0, text.length() - 1) : text);
  }

  private static boolean sameSequence(String path, JsonNode required, JsonNode found) {
    if (required.size() != found.size()) {
      return false;
    }
    for (int i = 0; i < required.size(); i++) {
      if (!equal(path, required.get(i), found.get(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean sameElements(String path, JsonNode required, JsonNode found) {
    var left = new ArrayList<JsonNode>();
    found.forEach(left::add);
    for (var element : required) {
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
  private static boolean sameMembers(String path, JsonNode required, JsonNode found) {
    var names = new TreeSet<String>();
    required.fieldNames().forEachRemaining(names::add);
    found.fieldNames().forEachRemaining(names::add);
    return names.stream()
        .allMatch(
            name -> {
              var element = required.get(name);
              var member = KubeletFields.member(path, name);
              return element == null
                  ? isZero(member, found.get(name))
                  : equal(member, element, found.get(name));
            });
  }
}
