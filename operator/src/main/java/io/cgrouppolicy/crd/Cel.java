package io.cgrouppolicy.crd;

import io.fabric8.kubernetes.api.model.apiextensions.v1.ValidationRule;

/// Builds CEL rules.
final class Cel {
  private Cel() {}

  /// Creates a rule that must hold for each key `r` of a map. Its message begins with the key that
  /// violates it.
  static ValidationRule forEach(String map, String holds, String message) {
    var present = map.equals("self") ? "" : "!has(%s) || ".formatted(map);
    var rule = rule("%s%s.all(r, %s)".formatted(present, map, holds), message);
    rule.setMessageExpression(
        "%s.filter(r, !(%s))[0] + ': %s'".formatted(map, flat(holds), message));
    return rule;
  }

  static ValidationRule rule(String cel, String message) {
    var rule = new ValidationRule();
    rule.setRule(flat(cel));
    rule.setMessage(message);
    return rule;
  }

  static String whole(String syntax) {
    return "^(" + syntax + ")$";
  }

  static String flat(String cel) {
    return cel.replace("\n.", ".").replace('\n', ' ');
  }
}
