package io.cgrouppolicy.core.failedcreate;

import io.cgrouppolicy.core.limits.Quantities;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// Why the API server rejected a pod, or the ReplicaSet of a Deployment, the Job of a CronJob or
/// the claim of a StatefulSet, because of a quota or a LimitRange, parsed from the message of an
/// event in which a controller quotes the server's error.
///
/// The patterns follow Kubernetes v1.36: `resourcequota/controller.go` for quotas,
/// `limitranger/admission.go` for bounds, and `validateContainerResourceRequirements` for a limit
/// below its request. The last one points to a LimitRange default, because the pod template passed
/// the same validation without it.
///
/// @param reason the server's error without the pod's name, which differs between attempts
/// @param quota the name of the quota that rejected the pod, or null
/// @param limited the quota's limits that the pod would exceed; empty if the quota rejected it for
///     another reason
/// @param rules the LimitRange values that the pod violates; empty for a quota
/// @param rejected what was rejected, as the API names it: `pods`, `replicasets`, `jobs`,
///     `persistentvolumeclaims`
public record FailedCreate(
    String reason,
    String quota,
    Map<String, BigDecimal> limited,
    List<Rule> rules,
    String rejected) {

  /// One value of a LimitRange.
  ///
  /// @param type of the item: `Container`, `Pod` or `PersistentVolumeClaim`
  public record Rule(Field field, String type, String resource, BigDecimal value) {}

  /// The field of a LimitRange item.
  public enum Field {
    MIN,
    MAX,
    RATIO,
    DEFAULT
  }

  /// Groups the resource without its API group, the kind of error, and the error.
  private static final Pattern CORE =
      Pattern.compile("(?s)(\\w+)\\S* \"[^\"]*\" is (forbidden|invalid): (.*)");

  private static final Pattern QUOTA =
      Pattern.compile(
          "^(?:exceeded quota|failed quota|status unknown for quota): ([-a-z0-9.]*[-a-z0-9])[,:] ");

  private static final Pattern LIMITED = Pattern.compile(", limited: (\\S+)$");

  private static final Pattern BOUND =
      Pattern.compile(
          "(minimum|maximum) (\\S+) usage per (\\S+) is (\\S+?)(?:, but|\\.  No) [a-z]+ is");

  private static final Pattern RATIO =
      Pattern.compile("([^\\s\\[]+) max limit to request ratio per (\\S+) is (\\S+), but ");

  private static final Pattern LIMIT =
      Pattern.compile("must be less than or equal to (\\S+) limit of ([^\\s,\\]]+)");

  /// Longer reasons are truncated.
  private static final int MAX_REASON_LENGTH = 400;

  /// Parses an event message; empty if the pod failed for another reason.
  public static Optional<FailedCreate> parse(String message) {
    var core = CORE.matcher(message == null ? "" : message);
    if (!core.find()) {
      return Optional.empty();
    }
    var words = core.group(3).strip();
    var reason =
        words.length() > MAX_REASON_LENGTH ? words.substring(0, MAX_REASON_LENGTH) + "..." : words;
    if (core.group(2).equals("invalid")) { // names the kind Pod and not the resource
      return ofRules(reason, defaults(words), "pods");
    }
    var quota = QUOTA.matcher(words);
    if (quota.find()) {
      return Optional.of(
          new FailedCreate(reason, quota.group(1), limited(words), List.of(), core.group(1)));
    }
    return ofRules(reason, bounds(words), core.group(1));
  }

  private static Optional<FailedCreate> ofRules(String reason, List<Rule> rules, String rejected) {
    return rules.isEmpty()
        ? Optional.empty()
        : Optional.of(new FailedCreate(reason, null, Map.of(), rules, rejected));
  }

  private static Map<String, BigDecimal> limited(String words) {
    var limited = new TreeMap<String, BigDecimal>();
    var list = LIMITED.matcher(words);
    if (list.find()) {
      for (var entry : list.group(1).split(",")) {
        int equals = entry.indexOf('=');
        if (equals > 0) {
          Quantities.parse(entry.substring(equals + 1))
              .ifPresent(value -> limited.put(entry.substring(0, equals), value));
        }
      }
    }
    return limited;
  }

  private static List<Rule> bounds(String words) {
    var rules = new ArrayList<Rule>();
    var bound = BOUND.matcher(words);
    while (bound.find()) {
      var field = bound.group(1).equals("minimum") ? Field.MIN : Field.MAX;
      add(rules, field, bound.group(3), bound.group(2), bound.group(4));
    }
    var ratio = RATIO.matcher(words);
    while (ratio.find()) {
      add(rules, Field.RATIO, ratio.group(2), ratio.group(1), ratio.group(3));
    }
    return rules;
  }

  private static List<Rule> defaults(String words) {
    var rules = new ArrayList<Rule>();
    var limit = LIMIT.matcher(words);
    while (limit.find()) {
      add(rules, Field.DEFAULT, "Container", limit.group(1), limit.group(2));
    }
    return rules;
  }

  private static void add(
      List<Rule> rules, Field field, String type, String resource, String value) {
    Quantities.parse(value).ifPresent(number -> rules.add(new Rule(field, type, resource, number)));
  }
}
