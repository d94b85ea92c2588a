package io.cgrouppolicy.core.kubelet;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cgrouppolicy.core.limits.Quantities;
import io.fabric8.kubernetes.api.model.Quantity;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/// A kubelet's configuration in force, as served by its `/configz`. The fields with their own rules
/// are parsed once, with checked types.
///
/// @param json the whole KubeletConfiguration
/// @param enforceNodeAllocatable the levels as reported; empty if the field is absent
/// @param podPidsLimit empty if the PIDs of a pod are unlimited: absent, -1 or any value below 1
/// @param reservedSystemCpus the number of CPUs in reservedSystemCPUs, or 0. If set, the kubelet
///     uses it as the CPU of system-reserved and ignores the CPU of kube-reserved
public record KubeletConfiguration(
    ObjectNode json,
    String cgroupDriver,
    List<String> enforceNodeAllocatable,
    Reservation system,
    Reservation kube,
    OptionalLong podPidsLimit,
    int reservedSystemCpus,
    Boolean failCgroupV1) {

  /// Resources reserved for daemons, and the daemons' cgroup ("" for none).
  public record Reservation(Map<String, Quantity> amounts, String cgroup) {}

  /// The maximum nesting of the JSON; real answers have 5 levels.
  static final int MAX_NESTING = 32;

  private static final ObjectMapper MAPPER =
      new ObjectMapper(
          JsonFactory.builder()
              .streamReadConstraints(
                  StreamReadConstraints.builder()
                      .maxNestingDepth(MAX_NESTING)
                      .maxNumberLength(64)
                      .maxStringLength(1 << 20)
                      .build())
              .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
              .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
              .build());

  /// Parses the body of a `/configz` response.
  ///
  /// @throws MalformedAnswerException if it is not JSON, nested too deeply, or has an unexpected
  ///     shape
  public static KubeletConfiguration parse(byte[] configz) throws MalformedAnswerException {
    JsonNode root;
    try (var parser = MAPPER.createParser(configz)) {
      root = MAPPER.readTree(parser);
      if (root != null && parser.nextToken() != null) {
        throw new MalformedAnswerException("the answer continues after its JSON");
      }
    } catch (IOException e) {
      throw new MalformedAnswerException("the answer is not JSON: " + e.getMessage());
    }
    if (root == null || root.isMissingNode()) {
      throw new MalformedAnswerException("the answer is empty");
    }
    if (!(root.get("kubeletconfig") instanceof ObjectNode json)) {
      throw new MalformedAnswerException("the answer has no object kubeletconfig");
    }
    var kind = text(json, "kind");
    if (!kind.isEmpty() && !kind.equals("KubeletConfiguration")) {
      throw new MalformedAnswerException(
          "kubeletconfig is of kind " + DisplayText.truncate(kind, 40));
    }
    return of(json);
  }

  static KubeletConfiguration of(ObjectNode json) throws MalformedAnswerException {
    return new KubeletConfiguration(
        json,
        text(json, "cgroupDriver"),
        levels(json),
        new Reservation(amounts(json, "systemReserved"), text(json, "systemReservedCgroup")),
        new Reservation(amounts(json, "kubeReserved"), text(json, "kubeReservedCgroup")),
        podPidsLimit(json),
        reservedSystemCpus(json),
        failCgroupV1(json));
  }

  private static JsonNode present(ObjectNode json, String field) {
    var value = json.get(field);
    return value == null || value.isNull() ? null : value;
  }

  private static String text(ObjectNode json, String field) throws MalformedAnswerException {
    var value = present(json, field);
    if (value == null) {
      return "";
    }
    return value.isTextual() ? value.textValue() : wrong(field, "a string", value);
  }

  /// Reads the enforcement levels. The answer is the configuration after defaulting, so a kubelet
  /// without configured levels reports `pods` (SetDefaults_KubeletConfiguration). Only a kubelet
  /// with an empty list reports nothing, because empty lists are omitted: it enforces nothing.
  private static List<String> levels(ObjectNode json) throws MalformedAnswerException {
    var value = present(json, "enforceNodeAllocatable");
    if (value == null) {
      return List.of();
    }
    var levels = new ArrayList<String>();
    if (!value.isArray()) {
      wrong("enforceNodeAllocatable", "a list", value);
    }
    for (var level : value) {
      levels.add(
          level.isTextual()
              ? level.textValue()
              : wrong("enforceNodeAllocatable", "a list of strings", value));
    }
    return List.copyOf(levels);
  }

  private static Map<String, Quantity> amounts(ObjectNode json, String field)
      throws MalformedAnswerException {
    var amounts = new TreeMap<String, Quantity>();
    var value = present(json, field);
    if (value != null && !value.isObject()) {
      wrong(field, "a map", value);
    }
    for (var entry : value == null ? Map.<String, JsonNode>of().entrySet() : value.properties()) {
      var amount = entry.getValue().asText();
      if (Quantities.parse(amount).isEmpty()) {
        wrong(
            field + "[" + DisplayText.truncate(entry.getKey(), 40) + "]",
            "a quantity",
            entry.getValue());
      }
      amounts.put(entry.getKey(), new Quantity(amount));
    }
    return amounts;
  }

  private static OptionalLong podPidsLimit(ObjectNode json) throws MalformedAnswerException {
    var value = present(json, "podPidsLimit");
    if (value != null && !(value.isIntegralNumber() && value.canConvertToLong())) {
      wrong("podPidsLimit", "an integer", value);
    }
    return value == null || value.longValue() < 1
        ? OptionalLong.empty()
        : OptionalLong.of(value.longValue());
  }

  private static int reservedSystemCpus(ObjectNode json) throws MalformedAnswerException {
    var text = text(json, "reservedSystemCPUs");
    var cpus = CpuSet.parse(text);
    if (cpus.isEmpty()) {
      wrong("reservedSystemCPUs", "a list of CPUs", json.get("reservedSystemCPUs"));
    }
    return cpus.get().cardinality();
  }

  private static Boolean failCgroupV1(ObjectNode json) throws MalformedAnswerException {
    var value = present(json, "failCgroupV1");
    if (value != null && !value.isBoolean()) {
      wrong("failCgroupV1", "true or false", value);
    }
    return value == null ? null : value.booleanValue();
  }

  private static String wrong(String field, String expected, JsonNode value)
      throws MalformedAnswerException {
    throw new MalformedAnswerException(
        "kubeletconfig."
            + field
            + " is not "
            + expected
            + ": "
            + DisplayText.truncate(value.toString(), 40));
  }
}
