package io.cgrouppolicy.core.limits;

import io.cgrouppolicy.core.check.Problem;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// Compares quantities by value: "0.5" equals "500m", "1024Mi" equals "1Gi".
public final class Quantities {
  /// The serialization format of apimachinery's resource.Quantity, restricted to non-negative
  /// values; a regular expression for the whole string.
  public static final String SYNTAX =
      "\\+?([0-9]+|[0-9]+\\.[0-9]*|\\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]{1,2})?";

  private static final Pattern QUANTITY = Pattern.compile(SYNTAX);

  /// The API server stores thousandths at the finest, and numbers of 64 bits at most. It changes
  /// any other, so that a comparison with the stored object would find a difference forever.
  private static final int SCALE = 3;

  private static final BigDecimal MAX = BigDecimal.valueOf(Long.MAX_VALUE);

  /// A qualified name: an optional DNS prefix and a name of up to 63 characters.
  private static final Pattern RESOURCE =
      Pattern.compile("([-a-z0-9.]{1,253}/)?[A-Za-z0-9]([-A-Za-z0-9_./]{0,61}[A-Za-z0-9])?");

  /// Resources that are counted in bytes.
  private static final Pattern BYTES =
      Pattern.compile("((requests|limits)\\.|.*/requests\\.)?(memory|storage|ephemeral-storage)");

  private static final Pattern CPU = Pattern.compile("((requests|limits)\\.)?cpu");

  private Quantities() {}

  public static BigDecimal number(Quantity quantity) {
    return Quantity.getAmountInBytes(quantity);
  }

  /// The value of a non-negative quantity; empty if the text is not one.
  public static Optional<BigDecimal> parse(String text) {
    return QUANTITY.matcher(text).matches()
        ? Optional.of(number(new Quantity(text)))
        : Optional.empty();
  }

  /// A sorted copy; empty for null.
  static TreeMap<String, Quantity> canonical(Map<String, Quantity> map) {
    return map == null ? new TreeMap<>() : new TreeMap<>(map);
  }

  static void problems(String field, Map<String, Quantity> map, List<Problem> problems) {
    if (map == null) {
      return;
    }
    for (var resource : new TreeSet<>(map.keySet())) {
      var at = field + "[" + resource + "]";
      if (!RESOURCE.matcher(resource).matches()) {
        problems.add(new Problem(at, "'" + resource + "' is not a resource name"));
      }
      var quantity = map.get(resource);
      if (quantity == null || !QUANTITY.matcher(quantity.toString()).matches()) {
        problems.add(new Problem(at, "'" + quantity + "' is not a non-negative quantity"));
      } else if (number(quantity).stripTrailingZeros().scale() > SCALE) {
        problems.add(new Problem(at, quantity + " is finer than a thousandth"));
      } else if (number(quantity).compareTo(MAX) > 0) {
        problems.add(new Problem(at, quantity + " is above " + MAX));
      }
    }
  }

  /// Like [#problems], and finds units that are a typing error although the server accepts them:
  /// thousandths of a byte (512m for 512Mi), and CPUs in powers of 1024 (500Mi for 500m).
  public static void amounts(String field, Map<String, Quantity> map, List<Problem> problems) {
    int before = problems.size();
    problems(field, map, problems);
    if (map == null || problems.size() > before) {
      return;
    }
    new TreeMap<>(map)
        .forEach(
            (resource, quantity) -> {
              var unit = quantity.getFormat();
              if (BYTES.matcher(resource).matches() && unit.equals("m")) {
                problems.add(
                    new Problem(
                        field + "[" + resource + "]",
                        quantity + " is in thousandths of a byte; Mi stands for mebibytes"));
              } else if (CPU.matcher(resource).matches() && unit.endsWith("i")) {
                problems.add(
                    new Problem(
                        field + "[" + resource + "]",
                        quantity + " is in powers of 1024 CPUs; m stands for thousandths of one"));
              }
            });
  }

  /// The names that both maps have and whose amount in the first is above that in the second, in
  /// the order of the first. Either may be null.
  public static List<String> above(Map<String, Quantity> amounts, Map<String, Quantity> bounds) {
    return amounts == null || bounds == null
        ? List.of()
        : amounts.keySet().stream()
            .filter(name -> bounds.get(name) != null)
            .filter(name -> number(amounts.get(name)).compareTo(number(bounds.get(name))) > 0)
            .toList();
  }

  public static void compare(
      String field,
      Map<String, Quantity> desired,
      Map<String, Quantity> stored,
      List<Difference> differences) {
    var want = desired == null ? Map.<String, Quantity>of() : desired;
    var have = stored == null ? Map.<String, Quantity>of() : stored;
    if (want.equals(have)) { // Quantity.equals is numeric
      return;
    }
    var resources = new TreeSet<>(want.keySet());
    resources.addAll(have.keySet());
    for (var resource : resources) {
      if (!Objects.equals(want.get(resource), have.get(resource))) {
        differences.add(
            new Difference(
                field + "." + resource, text(want.get(resource)), text(have.get(resource))));
      }
    }
  }

  private static String text(Quantity quantity) {
    return quantity == null ? "unset" : quantity.toString();
  }
}
