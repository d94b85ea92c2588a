package io.cgrouppolicy.core.kubelet.lint;

import com.fasterxml.jackson.databind.JsonNode;
import io.cgrouppolicy.core.check.DisplayText;
import io.cgrouppolicy.core.kubelet.Bound;
import io.cgrouppolicy.core.kubelet.GoDuration;
import io.cgrouppolicy.core.kubelet.KubeletFields;
import io.cgrouppolicy.core.kubelet.KubeletFields.Field;
import io.cgrouppolicy.core.kubelet.Threshold;
import io.cgrouppolicy.core.policy.NodesRules;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Comparator;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/// Lints the names and types of the fields in `config`. The kubelet logs an unknown name and starts
/// without it (`DecodeKubeletConfiguration` decodes strictly first, then leniently). It does not
/// start with a value of the wrong type.
final class FieldsLint {
  private FieldsLint() {}

  static void check(Draft draft) {
    var config = draft.spec().config();
    if (config != null && !config.isObject() && !config.isNull()) {
      draft.ignored("", "must be an object with fields of KubeletConfiguration");
    }
    bounds(draft);
    KubeletDropIn.config(draft.spec())
        .forEach(
            (name, value) -> {
              if (NodesRules.OWN_FIELDS.contains(name)) {
                draft.ignored(
                    name, "has its own field spec.nodes.kubelet." + name + ": set it there");
              }
              if (name.equals("apiVersion") && !value.asText().equals(KubeletDropIn.API_VERSION)
                  || name.equals("kind") && !value.asText().equals(KubeletDropIn.KIND)) {
                draft.ignored(name, "must be that of " + KubeletDropIn.API_VERSION);
              }
            });
    members(draft, "", "", draft.json());
  }

  /// The nearest value of a bound is checked like any other, as a part of the draft.
  private static void bounds(Draft draft) {
    for (var bound : Bound.of(draft.spec())) {
      var type = KubeletFields.find(bound.location().path()).map(Field::type);
      if (type.isEmpty()) {
        continue;
      }
      for (var limit : Stream.of(bound.least(), bound.most()).filter(Objects::nonNull).toList()) {
        if (bound.size(limit).isEmpty()) {
          draft.ignored(
              bound.field(),
              DisplayText.show(limit) + " is not a bound for a field of type " + type.get());
        }
      }
      for (var value : bound.oneOf()) {
        if (!fits(type.get(), value)) {
          draft.ignored(bound.field(), DisplayText.show(value) + " is not of type " + type.get());
        }
      }
    }
  }

  private static void members(Draft draft, String path, String shown, JsonNode object) {
    boolean map = KubeletFields.find(path).filter(f -> f.type().equals("map")).isPresent();
    for (var entry : object.properties()) {
      var name = DisplayText.truncate(entry.getKey(), 80);
      var member = KubeletFields.member(path, entry.getKey());
      var at = map ? shown + "[" + name + "]" : shown.isEmpty() ? name : shown + "." + name;
      var field = KubeletFields.find(member);
      if (field.isEmpty()) {
        var similar = similar(path, entry.getKey());
        draft.ignored(
            at,
            "is not a field of KubeletConfiguration v1beta1 of Kubernetes 1.36"
                + similar.map(s -> " (" + s + " is)").orElse("")
                + "; the kubelet starts without it");
      } else if (!entry.getValue().isNull()) {
        value(draft, member, at, field.get(), entry.getValue());
      } else if (field.get().type().equals("duration") && !field.get().pointer()) {
        draft.rejected(at, "null is not a duration");
      }
    }
  }

  private static void value(Draft draft, String path, String at, Field field, JsonNode value) {
    if (!fits(field.type(), value)) {
      draft.rejected(at, DisplayText.show(value) + " is not of type " + field.type());
    } else if (field.defaulted() && Draft.isZero(field, value)) {
      draft.ignored(
          at, DisplayText.show(value) + " counts as unset; the kubelet uses its default instead");
    } else if (value.isObject()) {
      members(draft, path, at, value);
    } else if (value.isArray()) {
      for (int i = 0; i < value.size(); i++) {
        var element = KubeletFields.find(path + "[]");
        if (element.isPresent() && !value.get(i).isNull()) {
          value(draft, path + "[]", at + "[" + i + "]", element.get(), value.get(i));
        }
      }
    }
  }

  static boolean fits(String type, JsonNode value) {
    return switch (type) {
      case "bool" -> value.isBoolean();
      case "string" -> value.isTextual();
      case "time" -> isTime(value.asText());
      case "int32" -> value.isIntegralNumber() && value.canConvertToInt();
      case "int64" -> value.isIntegralNumber() && value.canConvertToLong();
      case "uint32" ->
          value.isIntegralNumber()
              && value.canConvertToLong()
              && value.longValue() >= 0
              && value.longValue() <= 0xFFFF_FFFFL;
      case "float64" -> value.isNumber();
      case "duration" -> value.isTextual() && GoDuration.parse(value.textValue()).isPresent();
      case "quantity" ->
          (value.isTextual() || value.isNumber())
              && Threshold.parse(value.asText()).filter(t -> !t.percent()).isPresent();
      // `TimeOrMetaDuration`
      case "any" -> value.isIntegralNumber() && value.canConvertToLong() || fits("duration", value);
      case "list" -> value.isArray();
      case "map", "object" -> value.isObject();
      default -> true;
    };
  }

  private static boolean isTime(String text) {
    try {
      OffsetDateTime.parse(text);
      return true;
    } catch (DateTimeParseException e) {
      return false;
    }
  }

  /// The field that was probably meant: one that differs only by case or a few letters.
  private static Optional<String> similar(String path, String name) {
    return KubeletFields.members(path).stream()
        .filter(other -> name.length() < 100 && distance(name, other) <= 1 + other.length() / 6)
        .min(Comparator.comparingInt(other -> distance(name, other)));
  }

  /// The Levenshtein distance, ignoring case.
  private static int distance(String a, String b) {
    var row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        boolean same =
            Character.toLowerCase(a.charAt(i - 1)) == Character.toLowerCase(b.charAt(j - 1));
        int substituted = diagonal + (same ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substituted, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
