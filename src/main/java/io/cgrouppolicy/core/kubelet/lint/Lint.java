package io.cgrouppolicy.core.kubelet.lint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cgrouppolicy.api.v1alpha1.NodesSpec.KubeletSpec;
import io.cgrouppolicy.core.check.Problem;
import io.cgrouppolicy.core.kubelet.GoDuration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// What the linter found, with what it would come to.
public record Lint(Consequence consequence, Problem problem) {

  public enum Consequence {
    /// The kubelet's decoding or `ValidateKubeletConfiguration` refuses it: the kubelet does not
    /// start.
    REFUSED,
    /// The kubelet stops later in its start, on what it finds on the machine.
    FAILS,
    /// The kubelet starts, and the policy does not get what it asks.
    IGNORED
  }

  /// A policy's kubelet block under examination.
  ///
  /// @param json the block as a KubeletConfiguration
  record Draft(KubeletSpec spec, ObjectNode json, List<Lint> lints) {
    static Draft of(KubeletSpec spec) {
      return new Draft(spec, KubeletDropIn.of(spec), new ArrayList<>());
    }

    void refused(String field, String message) {
      add(Consequence.REFUSED, field, message);
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

    /// Where in the policy a field of the KubeletConfiguration comes from.
    private String path(String field) {
      var top = field.split("[.\\[]", 2)[0];
      var config = KubeletDropIn.config(spec);
      boolean own = KubeletDropIn.OWN.contains(top) && !config.containsKey(top);
      var at = "spec.nodes.kubelet" + (own ? "" : ".config");
      return field.isEmpty() ? at : at + "." + field;
    }

    /// The value at a path of names; empty where there is none, or null.
    Optional<JsonNode> value(String path) {
      JsonNode value = json;
      for (var name : path.split("\\.")) {
        value = value.path(name);
      }
      return value.isMissingNode() || value.isNull() ? Optional.empty() : Optional.of(value);
    }

    /// "" where there is none, or it is of another type, which the linter says elsewhere.
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

    /// In nanoseconds.
    Optional<Long> duration(String path) {
      return value(path)
          .filter(JsonNode::isTextual)
          .flatMap(value -> GoDuration.parse(value.textValue()));
    }

    /// The levels that the kubelet would enforce; `pods` where none are named.
    List<String> levels() {
      var levels = new ArrayList<String>();
      var value = value("enforceNodeAllocatable");
      value.filter(JsonNode::isArray).ifPresent(list -> list.forEach(l -> levels.add(l.asText())));
      return value.isPresent() ? levels : List.of("pods");
    }
  }
}
