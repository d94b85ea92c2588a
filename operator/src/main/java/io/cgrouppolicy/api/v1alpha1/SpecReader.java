package io.cgrouppolicy.api.v1alpha1;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cgrouppolicy.core.check.Problem;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Reads the spec of a policy without the values that this version does not know, and records
/// these in the policy. The API server keeps what the CRD of another version accepted, and an
/// exception here would end the watch on all policies.
final class SpecReader extends JsonDeserializer<CgroupPolicySpec> {
  @Override
  public CgroupPolicySpec deserialize(JsonParser parser, DeserializationContext context)
      throws IOException {
    var place = parser.getParsingContext();
    while (!(place.getCurrentValue() instanceof CgroupPolicy)) {
      place = place.getParent();
    }
    var policy = (CgroupPolicy) place.getCurrentValue();
    var codec = parser.getCodec();
    JsonNode spec = codec.readTree(parser);
    var problems = new ArrayList<Problem>();
    while (true) {
      try {
        policy.unreadable(problems);
        return codec.treeToValue(spec, CgroupPolicySpec.class);
      } catch (JsonMappingException e) {
        problems.add(problem(e));
        if (!remove(spec, e.getPath())) {
          return null;
        }
      }
    }
  }

  private static Problem problem(JsonMappingException e) {
    var field = new StringBuilder("spec");
    for (var step : e.getPath()) {
      if (step.getFieldName() == null) {
        field.append('[').append(step.getIndex()).append(']');
      } else if (step.getFrom() instanceof Map) {
        field.append('[').append(step.getFieldName()).append(']');
      } else {
        field.append('.').append(step.getFieldName());
      }
    }
    var what =
        e instanceof InvalidFormatException format ? "'" + format.getValue() + "'" : "this type";
    return new Problem(field.toString(), what + " is not known to this version of the operator");
  }

  /// Removes the value at a path; in a list it leaves a null, so that the others keep their index.
  private static boolean remove(JsonNode spec, List<JsonMappingException.Reference> path) {
    var parent = spec;
    for (var step : path.subList(0, Math.max(0, path.size() - 1))) {
      parent =
          step.getFieldName() == null
              ? parent.path(step.getIndex())
              : parent.path(step.getFieldName());
    }
    if (path.isEmpty()) {
      return false;
    }
    var last = path.getLast();
    return switch (parent) {
      case ObjectNode object -> object.remove(last.getFieldName()) != null;
      case ArrayNode array -> !array.set(last.getIndex(), (JsonNode) null).isNull();
      default -> false;
    };
  }
}
