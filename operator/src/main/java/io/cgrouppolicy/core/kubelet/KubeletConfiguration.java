package io.cgrouppolicy.core.kubelet;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cgrouppolicy.core.check.DisplayText;
import io.cgrouppolicy.core.limits.Quantities;
import io.fabric8.kubernetes.api.model.Quantity;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Predicate;

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
                  .build())
          // A double would make infinity of a number above its range, which cannot be compared.
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

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
    } catch (IOException | NumberFormatException e) { // the latter for huge exponents
      var why =
          e instanceof JsonProcessingException json ? json.getOriginalMessage() : e.getMessage();
      throw new MalformedAnswerException(
          "the answer is not JSON: " + DisplayText.truncate(why, 200));
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

  /// The value of a field, of the right type; a missing node if it is absent or null.
  private static JsonNode value(
      ObjectNode json, String field, String expected, Predicate<JsonNode> fits)
      throws MalformedAnswerException {
    var value = json.path(field);
    if (value.isNull() || value.isMissingNode()) {
      return MissingNode.getInstance();
    }
    if (!fits.test(value)) {
      throw new MalformedAnswerException(
          "kubeletconfig.%s is not %s: %s"
              .formatted(field, expected, DisplayText.truncate(value.toString(), 40)));
    }
    return value;
  }

  private static String text(ObjectNode json, String field) throws MalformedAnswerException {
    return value(json, field, "a string", JsonNode::isTextual).asText();
  }

  /// Reads the enforcement levels. The answer is the configuration after defaulting, so a kubelet
  /// without configured levels reports `pods` (SetDefaults_KubeletConfiguration). Only a kubelet
  /// with an empty list reports nothing, because empty lists are omitted: it enforces nothing.
  private static List<String> levels(ObjectNode json) throws MalformedAnswerException {
    return value(
            json,
            "enforceNodeAllocatable",
            "a list of strings",
            list -> list.isArray() && list.valueStream().allMatch(JsonNode::isTextual))
        .valueStream()
        .map(JsonNode::textValue)
        .toList();
  }

  private static Map<String, Quantity> amounts(ObjectNode json, String field)
      throws MalformedAnswerException {
    var amounts = new TreeMap<String, Quantity>();
    for (var entry : value(json, field, "a map", JsonNode::isObject).properties()) {
      var amount = entry.getValue().asText();
      if (Quantities.parse(amount).isEmpty()) {
        throw new MalformedAnswerException(
            "kubeletconfig.%s[%s] is not a quantity: %s"
                .formatted(
                    field,
                    DisplayText.truncate(entry.getKey(), 40),
                    DisplayText.truncate(entry.getValue().toString(), 40)));
      }
      amounts.put(entry.getKey(), new Quantity(amount));
    }
    return amounts;
  }

  private static OptionalLong podPidsLimit(ObjectNode json) throws MalformedAnswerException {
    var limit =
        value(
            json,
            "podPidsLimit",
            "an integer",
            number -> number.isIntegralNumber() && number.canConvertToLong());
    return limit.asLong() < 1 ? OptionalLong.empty() : OptionalLong.of(limit.longValue());
  }

  private static int reservedSystemCpus(ObjectNode json) throws MalformedAnswerException {
    var cpus =
        value(
            json,
            "reservedSystemCPUs",
            "a list of CPUs",
            text -> text.isTextual() && CpuSet.parse(text.textValue()).isPresent());
    return CpuSet.parse(cpus.asText()).orElseThrow().cardinality();
  }

  private static Boolean failCgroupV1(ObjectNode json) throws MalformedAnswerException {
    var value = value(json, "failCgroupV1", "true or false", JsonNode::isBoolean);
    return value.isMissingNode() ? null : value.booleanValue();
  }
}
