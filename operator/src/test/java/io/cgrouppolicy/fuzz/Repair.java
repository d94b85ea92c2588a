package io.cgrouppolicy.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicySpec;
import io.cgrouppolicy.core.policy.PolicyValidator;
import io.fabric8.kubernetes.client.utils.Serialization;

/// Removes from a spec what the operator rejects, so that the rest is tested too. Otherwise, hardly
/// any generated policy would be valid.
final class Repair {
  private static final int ROUNDS = 6;

  private Repair() {}

  static void repair(ObjectNode spec) {
    for (int round = 0; round < ROUNDS; round++) {
      var parsed = Serialization.unmarshal(spec.toString(), CgroupPolicySpec.class);
      var problems = PolicyValidator.validate(parsed);
      if (problems.isEmpty()) {
        return;
      }
      for (var problem : problems.reversed()) { // later elements of a list first
        remove(spec, problem.field().substring("spec".length()));
      }
    }
  }

  /// Removes the innermost existing part of a path.
  private static void remove(JsonNode spec, String path) {
    JsonNode at = spec;
    JsonNode parent = null;
    String name = null;
    var rest = path;
    while (!rest.isEmpty()) {
      var next = member(at, rest);
      if (next == null) {
        break;
      }
      parent = at;
      name = next;
      rest = rest.substring(name.length() + (rest.startsWith(".") ? 1 : 2));
      at = at instanceof ArrayNode ? at.get(Integer.parseInt(name)) : at.get(name);
    }
    if (rest.equals(".selector") && at instanceof ObjectNode object) {
      object.putObject("selector"); // is required
    } else if (parent instanceof ArrayNode array) {
      array.remove(Integer.parseInt(name));
    } else if (parent instanceof ObjectNode object) {
      object.remove(name);
    }
  }

  private static String member(JsonNode at, String rest) {
    if (at instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        if (rest.startsWith("[" + i + "]")) {
          return String.valueOf(i);
        }
      }
      return null;
    }
    String longest = null;
    for (var field : at.properties()) {
      var key = field.getKey();
      if ((rest.startsWith("[" + key + "]") || rest.startsWith("." + key))
          && (longest == null || key.length() > longest.length())) {
        longest = key;
      }
    }
    return longest;
  }
}
