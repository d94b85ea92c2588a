package io.cgrouppolicy.core.kubelet.lint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cgrouppolicy.api.v1alpha1.NodesSpec.KubeletSpec;
import io.cgrouppolicy.core.check.Problem;
import io.cgrouppolicy.core.kubelet.GoDuration;
import io.cgrouppolicy.core.policy.NodesRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// A problem with kubelet settings, and its consequence.
public record Lint(Consequence consequence, Problem problem) {

  public enum Consequence {
    /// The kubelet's decoder or `ValidateKubeletConfiguration` rejects it, and the kubelet does not
    /// start.
    REJECTED,
    /// The kubelet stops later in its startup, because of the state of the machine.
    FAILS,
    /// The kubelet starts, but the setting has no effect.
    IGNORED
  }

  /// The kubelet settings of a policy while they are being checked.
  ///
  /// @param json the settings as a KubeletConfiguration
  record Draft(KubeletSpec spec, ObjectNode json, List<Lint> lints) {
    static Draft of(KubeletSpec spec) {
      return new Draft(spec, KubeletDropIn.of(spec), new ArrayList<>());
    }

    void rejected(String field, String message) {
      add(Consequence.REJECTED, field, message);
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
      var config = KubeletDropIn.config(spec);
      boolean own = NodesRules.OWN_FIELDS.contains(top) && !config.containsKey(top);
      var at = "spec.nodes.kubelet" + (own ? "" : ".config");
      return field.isEmpty() ? at : at + "." + field;
    }

    /// The value at a dotted path; empty if absent or null.
    Optional<JsonNode> value(String path) {
      JsonNode value = json;
      for (var name : path.split("\\.")) {
        value = value.path(name);
      }
      return value.isMissingNode() || value.isNull() ? Optional.empty() : Optional.of(value);
    }

    /// Returns "" if the value is absent or not a string; another lint reports wrong types.
    String text(String path) {
      return value(path).filter(JsonNode::isTextual).map(JsonNode::textValue).orElse("");
    }

    OptionalLong integer(String path) {
      return value(path)
          .filter(value -> value.isIntegralNumber() && value.canConvertToLong())
          .map(value -> OptionalLong.of(value.longValue()))
          .orElse(OptionalLong.empty());
    }

    Optional<Boolean> bool(String path) {
      return value(path).filter(JsonNode::isBoolean).map(JsonNode::booleanValue);
    }

    /// Returns nanoseconds.
    Optional<Long> duration(String path) {
      return value(path)
          .filter(JsonNode::isTextual)
          .flatMap(value -> GoDuration.parse(value.textValue()));
    }

    /// The levels that the kubelet would enforce; `pods` if none are set.
    List<String> levels() {
      var levels = new ArrayList<String>();
      var value = value("enforceNodeAllocatable");
      value.filter(JsonNode::isArray).ifPresent(list -> list.forEach(l -> levels.add(l.asText())));
      return value.isPresent() ? levels : List.of("pods");
    }
  }
}
