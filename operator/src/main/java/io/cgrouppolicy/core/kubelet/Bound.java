package io.cgrouppolicy.core.kubelet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cgrouppolicy.api.v1alpha1.NodesSpec.ConfigBound;
import io.cgrouppolicy.api.v1alpha1.NodesSpec.KubeletSpec;
import io.cgrouppolicy.core.kubelet.KubeletFields.Location;
import io.fabric8.kubernetes.api.model.IntOrString;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What a policy allows for a field of a KubeletConfiguration.
///
/// @param least null without a bound
/// @param most null without a bound
/// @param oneOf empty without such a list
public record Bound(
    String field, Location location, JsonNode least, JsonNode most, List<JsonNode> oneOf) {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final Set<String> NUMBERS = Set.of("int32", "int64", "uint32", "float64");

  private static final Threshold ZERO = new Threshold(BigDecimal.ZERO, false);
  private static final Threshold INFINITE =
      new Threshold(BigDecimal.valueOf(Double.MAX_VALUE), false);

  /// The values with which a field sets no limit at all.
  private static final Map<String, Long> UNLIMITED =
      Map.of(
          "eventRecordQPS", 0L,
          "imageMaximumGCAge", 0L,
          "nodeStatusMaxImages", -1L,
          "podPidsLimit", -1L,
          "podsPerCore", 0L,
          "registryPullQPS", 0L);

  public static List<Bound> of(KubeletSpec spec) {
    return spec.configBounds() == null
        ? List.of()
        : spec.configBounds().stream().map(Bound::of).toList();
  }

  private static Bound of(ConfigBound bound) {
    var location = KubeletFields.locate(bound.field());
    return new Bound(
        bound.field(),
        location,
        json(location.path(), bound.atLeast()),
        json(location.path(), bound.atMost()),
        bound.oneOf() == null
            ? List.of()
            : bound.oneOf().stream().map(value -> json(location.path(), value)).toList());
  }

  /// A number or a text, as the field needs it. The policy has to write 0.8 as text, and may write
  /// a quantity as a number.
  private static JsonNode json(String path, IntOrString value) {
    if (value == null) {
      return null;
    }
    var text = String.valueOf(value.getValue());
    var type = KubeletFields.find(path).map(KubeletFields.Field::type).orElse("any");
    boolean number =
        (value.getStrVal() == null || NUMBERS.contains(type))
            && !Set.of("string", "duration").contains(type)
            && text.matches("-?[0-9]{1,18}(\\.[0-9]{1,9})?");
    return !number
        ? JSON.textNode(text)
        : text.contains(".")
            ? JSON.numberNode(new BigDecimal(text))
            : JSON.numberNode(Long.parseLong(text));
  }

  /// Sets the field to the nearest allowed value, unless it is set.
  public void addTo(ObjectNode configuration) {
    JsonNode at = configuration;
    var names = location.names();
    for (var name : names.subList(0, names.size() - 1)) {
      if (!at.has(name)) {
        ((ObjectNode) at).putObject(name);
      }
      at = at.get(name);
      if (!at.isObject()) {
        return;
      }
    }
    var value = least != null ? least : most != null ? most : oneOf.getFirst();
    ((ObjectNode) at).putIfAbsent(names.getLast(), value);
  }

  /// The size of a value of the field: nanoseconds, a number, a quantity or a percentage. Empty if
  /// it has none. An absent value is zero, because a kubelet leaves zero out of its answer.
  public Optional<Threshold> size(JsonNode value) {
    var path = location.path();
    var unlimited = UNLIMITED.get(path);
    return measure(path, value)
        .map(
            size ->
                unlimited != null && size.value().compareTo(BigDecimal.valueOf(unlimited)) == 0
                    ? INFINITE
                    : size);
  }

  private static Optional<Threshold> measure(String path, JsonNode value) {
    var type = KubeletFields.find(path).map(KubeletFields.Field::type).orElse("");
    boolean duration = KubeletFields.isDuration(path);
    boolean amount = KubeletFields.isAmount(path) || type.equals("quantity");
    if (!duration && !amount && !NUMBERS.contains(type)) {
      return Optional.empty();
    }
    // 100% means no threshold (parseThresholdStatement).
    if (value == null || path.startsWith("eviction") && value.asText().equals("100%")) {
      return Optional.of(ZERO);
    }
    return duration && value.isTextual()
        ? GoDuration.parse(value.asText()).map(d -> new Threshold(BigDecimal.valueOf(d), false))
        : value.isNumber()
            ? Optional.of(new Threshold(value.decimalValue(), false))
            : amount ? Threshold.parse(value.asText()) : Optional.empty();
  }
}
