package io.cgrouppolicy.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.fabric8.kubernetes.api.model.Quantity;
import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonConfig;
import jakarta.json.JsonConfig.KeyStrategy;
import jakarta.json.JsonException;
import jakarta.json.JsonNumber;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.io.ByteArrayInputStream;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// Whether an answer of a kubelet complies with the policy of [KubeletPipeline], read with another
/// parser and by simpler rules than the operator's. If it has a field twice, each value must
/// comply.
final class KubeletOracle {
  private static final List<KeyStrategy> EITHER = List.of(KeyStrategy.FIRST, KeyStrategy.LAST);

  /// This parser refuses so large an exponent, even of a field that nothing reads. In UTF-16, each
  /// character has a zero byte.
  private static final Pattern LARGE_EXPONENT =
      Pattern.compile("([eE]\\00?[+-]?\\00?(?:[0-9]\\00?){2})(?:[0-9]\\00?){8,}");

  private KubeletOracle() {}

  static boolean complies(byte[] configz) {
    return EITHER.stream().allMatch(reading -> complies(configz, reading));
  }

  private static boolean complies(byte[] configz, KeyStrategy reading) {
    try {
      var config = parse(configz, reading).getJsonObject("kubeletconfig");
      return text(config, "cgroupDriver").equals("systemd")
          && levels(config.getJsonArray("enforceNodeAllocatable"))
          && reserved(config, "systemReserved", "/system.slice")
          && reserved(config, "kubeReserved", "/kube.slice")
          && between(config.get("podPidsLimit"), 1, 4096)
          && between(config.get("maxPods"), 110, 110)
          && between(config.get("eventBurst"), 1, 100);
    } catch (JsonException | IllegalStateException | ClassCastException | NullPointerException e) {
      return false;
    }
  }

  private static boolean levels(JsonArray levels) {
    return List.of("pods", "system-reserved", "kube-reserved").stream()
        .allMatch(level -> levels.contains(Json.createValue(level)));
  }

  private static boolean reserved(JsonObject config, String field, String cgroup) {
    var reserved = config.getJsonObject(field);
    var path = text(config, field + "Cgroup");
    return amount(reserved, "cpu").compareTo(new Quantity("500m")) >= 0
        && amount(reserved, "memory").compareTo(new Quantity("1Gi")) >= 0
        && (path + ".slice").replaceAll("(\\.slice)+$", ".slice").endsWith(cgroup);
  }

  private static Quantity amount(JsonObject amounts, String resource) {
    var value = amounts.get(resource);
    return new Quantity(value instanceof JsonString text ? text.getString() : value.toString());
  }

  /// Whether all figures that the policy limits are there and low.
  static boolean calm(byte[] summary) {
    return EITHER.stream().allMatch(reading -> calm(summary, reading));
  }

  private static boolean calm(byte[] summary, KeyStrategy reading) {
    try {
      var node = parse(summary, reading).getJsonObject("node");
      return low(node, "cpu", "some", 80)
          && low(node, "memory", "some", 20)
          && low(node, "memory", "full", 5)
          && low(node, "io", "full", 10);
    } catch (JsonException | IllegalStateException | ClassCastException | NullPointerException e) {
      return false;
    }
  }

  private static boolean low(JsonObject node, String resource, String kind, double threshold) {
    var psi = node.getJsonObject(resource).getJsonObject("psi").getJsonObject(kind);
    return between(psi.get("avg60"), 0, 100.5)
        && between(psi.get("avg10"), 0, 100.5)
        && (between(psi.get("avg60"), 0, threshold) || between(psi.get("avg10"), 0, threshold));
  }

  private static boolean between(JsonValue value, double least, double most) {
    var number = ((JsonNumber) value).doubleValue();
    return number >= least && number <= most;
  }

  private static String text(JsonObject object, String name) {
    return ((JsonString) object.get(name)).getString();
  }

  private static JsonObject parse(byte[] bytes, KeyStrategy reading) {
    var text = LARGE_EXPONENT.matcher(new String(bytes, ISO_8859_1)).replaceAll("$1");
    var factory = Json.createReaderFactory(Map.of(JsonConfig.KEY_STRATEGY, reading));
    try (var reader = factory.createReader(new ByteArrayInputStream(text.getBytes(ISO_8859_1)))) {
      return reader.readObject();
    }
  }
}
