package io.cgrouppolicy.crd;

import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.Check.Area;
import io.cgrouppolicy.core.limits.ResourceNames;
import io.cgrouppolicy.core.policy.PolicyValidator;
import io.fabric8.kubernetes.api.model.apiextensions.v1.ValidationRule;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The CRD's CEL rules, which reject invalid policies at admission: settings that the API server
/// would reject in every namespace, or that nothing could ever meet. [PolicyValidator] checks the
/// same for policies stored under an older schema.
///
/// The server limits the estimated cost of CEL, to 10M per rule and 100M per CRD, based on the
/// bounds of lists, maps and strings. All rules together are estimated at 0.6M by the code of
/// Kubernetes 1.29, 1.33 and 1.36. Before 1.34, an integer or string counts as 3 MB whatever its
/// maxLength: `quantity(string(self.max[r]))` alone is 0.6M. But the estimate does not follow
/// values through optionals, so the rules read quantities as `self.?max[?r]` and can iterate over
/// all resource names. The rules of a quota count eight times more for `resourceQuotas`.
///
/// Left to the operator: the contents of `spec.nodes.kubelet.config`, because CEL cannot access
/// unknown fields; and ratios exceeded by less than a billionth, because CEL multiplies only in
/// floating point.
/// point only.
final class AdmissionRules {
  private static final String LIMIT_MAPS =
      "[?self.?min, ?self.?defaultRequest, ?self.?default, ?self.?max]";

  /// Compares quantities as quantities: as doubles, 0.3 would be above 300m.
  private static final String ASCENDING =
      """
      [[?self.?min[?r], ?self.?defaultRequest[?r], ?self.?default[?r], ?self.?max[?r]]
      .map(q, quantity(string(q)))]
      .all(q, [1, 2, 3].all(i, i >= size(q) || q[i - 1].compareTo(q[i]) <= 0))""";

  /// The limit of a container without one, as the server completes it.
  private static final String LIMIT = "self.?default[?r].or(self.?max[?r])";

  /// Whether a quota has the scope `s`, in either form.
  private static final String SCOPED =
      """
      (has(self.scopes) && s in self.scopes ||
      has(self.scopeSelector) && has(self.scopeSelector.matchExpressions) &&
      self.scopeSelector.matchExpressions.exists(e, e.scopeName == s))""";

  private AdmissionRules() {}

  static List<ValidationRule> policy() {
    return List.of(
        rule(
            "size(self.metadata.name) <= 63",
            "metadata.name must have at most 63 characters, because it becomes a label value"));
  }

  static List<ValidationRule> spec() {
    return List.of(
        rule(
            "!has(self.workloads) || has(self.namespaces)",
            "workloads requires namespaces, which selects the pods"));
  }

  static List<ValidationRule> limitRangeItem() {
    return List.of(
        rule(
            "self.type == 'Container' || !has(self.default) && !has(self.defaultRequest)",
            "default and defaultRequest are allowed for type Container only"),
        rule(
            """
            [?self.?min, ?self.?max, ?self.?default, ?self.?defaultRequest,
            ?self.?maxLimitRequestRatio].exists(m, size(m) > 0)""",
            "an entry must set at least one of min, max, default, defaultRequest,"
                + " maxLimitRequestRatio"),
        rule(
            """
            self.type != 'PersistentVolumeClaim' ||
            [?self.?min, ?self.?max].exists(m, 'storage' in m)""",
            "type PersistentVolumeClaim requires min or max of storage"),
        rule(
            """
            (%s + [?self.?maxLimitRequestRatio]).all(m, m.all(r, r.contains('/') ||
            (r == 'storage') != (self.type in ['Container', 'Pod'])))"""
                .formatted(LIMIT_MAPS),
            "types Container and Pod cannot limit storage, and other types cannot limit anything else"),
        ascending(),
        forEach(
            "self.defaultRequest",
            """
            !r.startsWith('hugepages-') && (!r.contains('/') || r.contains('kubernetes.io/')) ||
            [[?%s, ?self.?defaultRequest[?r]].map(q, quantity(string(q)))]
            .all(q, size(q) < 2 || q[0].compareTo(q[1]) == 0)"""
                .formatted(LIMIT),
            "cannot be overcommitted, so default (or max) and defaultRequest must be equal"),
        hasDefault(
            "max",
            "[?self.?max[?r]].all(q, quantity(string(q)).compareTo(quantity('0')) == 0)",
            "max without a default gives this much to every container that sets none; set a"
                + " default, such as 0"),
        hasDefault(
            "min",
            "self.?max[?r].hasValue()",
            "min without a default or max rejects every container that sets none; set a default"),
        hasDefault(
            "defaultRequest",
            "self.?max[?r].hasValue()",
            "defaultRequest without a default or max rejects every container that sets none; set a"
                + " default"),
        forEach(
            "self.maxLimitRequestRatio",
            """
            [?self.?maxLimitRequestRatio[?r]]
            .all(q, quantity(string(q)).compareTo(quantity('1')) >= 0)""",
            "maxLimitRequestRatio must be at least 1"),
        ratio("?self.?max[?r], ?self.?min[?r]", "maxLimitRequestRatio must not be above max / min"),
        ratio(
            "?%s, ?self.?defaultRequest[?r]".formatted(LIMIT),
            "maxLimitRequestRatio must not be below default (or max) / defaultRequest",
            "v[1] <= v[0] * v[2] * 1.000000001"));
  }

  /// Requires a default for each huge page size and extended resource of a map. Policies that were
  /// stored before this rule stay in force; the operator reports LimitRangeWithoutDefaults.
  private static ValidationRule hasDefault(String map, String unless, String message) {
    return forEach(
        "self." + map,
        """
        self.type != 'Container' || self.?default[?r].hasValue() || %s ||
        !r.startsWith('hugepages-') && (!r.contains('/') || r.contains('kubernetes.io/'))"""
            .formatted(unless),
        message);
  }

  /// The message names the resource if it is a common one. It cannot name arbitrary keys, because a
  /// message must not contain a key that the estimate cannot follow.
  private static ValidationRule ascending() {
    var rule =
        rule(
            "%s.all(m, m.all(r, %s))".formatted(LIMIT_MAPS, ASCENDING),
            "must be min <= defaultRequest <= default <= max for each resource");
    rule.setMessageExpression(
        """
        ['cpu', 'memory', 'ephemeral-storage', 'storage', 'some resource']
        .filter(r, r == 'some resource' || !(%s))[0]
         + ': must be min <= defaultRequest <= default <= max'"""
            .formatted(ASCENDING)
            .transform(AdmissionRules::flat));
    return rule;
  }

  private static ValidationRule ratio(String bounds, String message) {
    return ratio(bounds, message, "v[0] * v[2] <= v[1] * 1.000000001");
  }

  /// Checks each ratio. `v` has the ratio, an upper and a lower value, if both are set. The
  /// tolerance is for CEL, which multiplies only in floating point.
  private static ValidationRule ratio(String bounds, String message, String holds) {
    return forEach(
        "self.maxLimitRequestRatio",
        """
        [[?self.?maxLimitRequestRatio[?r], %s]
        .map(q, quantity(string(q)).asApproximateFloat())].all(v, size(v) < 3 || %s)"""
            .formatted(bounds, holds),
        message);
  }

  /// The element of a list of resources that containers declare.
  static List<ValidationRule> containerResource() {
    return List.of(
        rule(
            "!self.contains('/') || !self.startsWith('%s')".formatted(ResourceNames.REQUESTS),
            "is not a resource of a container"));
  }

  /// Rules for each map of a LimitRange item.
  static List<ValidationRule> limits() {
    return List.of(
        forEach(
            "self",
            "r.matches(r'%s') && !(r.contains('/') && r.startsWith('%s'))"
                .formatted(
                    whole(ResourceNames.CONTAINER + "|" + ResourceNames.STORAGE),
                    ResourceNames.REQUESTS),
            "is not a resource that a LimitRange can limit"));
  }

  static List<ValidationRule> hard() {
    return List.of(
        forEach(
            "self",
            "r.matches(r'%s')".formatted(whole(ResourceNames.QUOTA)),
            "is not a resource that a quota can count"),
        counted(),
        forEach(
            "self",
            """
            !(r.matches(r'%s') ||
            r.contains('/') && !r.startsWith('%s') && !r.contains('kubernetes.io/')) ||
            [[?self[?r]].map(q, quantity(string(q)))].all(q, size(q) < 1 || q[0].isInteger() ||
            q[0].asApproximateFloat() > 9000000000000000.0 ||
            q[0].compareTo(quantity('0').add(int(q[0].asApproximateFloat() + 0.5))) == 0)"""
                .formatted(whole(ResourceNames.COUNTED), ResourceNames.REQUESTS),
            "must be a whole number"),
        forEach(
            "self",
            """
            !(r in ['requests.cpu', 'requests.memory', 'requests.ephemeral-storage']) ||
            [[?self[?r], ?self[?r.replace('requests.', 'limits.')]].map(q, quantity(string(q)))]
            .all(q, size(q) < 2 || q[0].compareTo(q[1]) <= 0)""",
            "must not be above the limits of the same resource"));
  }

  /// Rejects what the API server accepts in a quota but never counts. Policies that were stored
  /// before this rule stay in force; the operator reports ResourceQuotaNotEffective.
  private static ValidationRule counted() {
    var hami =
        ResourceNames.HAMI.stream()
            .sorted()
            .map(key -> "'" + key + "' in self")
            .collect(Collectors.joining(" || "));
    var holds =
        """
        !r.contains('/') || r.matches(r'%s') || r.startsWith('limits.') && (%s) ||
        r.startsWith('%s') && !r.contains('kubernetes.io/')"""
            .formatted(whole(ResourceNames.COUNTABLE), hami, ResourceNames.REQUESTS);
    var rule = forEach("self", holds, "is never counted; use requests.NAME");
    rule.setMessageExpression(
        "self.filter(r, !(%s)).map(r, r + ': is never counted; use %s' + r.replace('limits.', ''))[0]"
            .formatted(flat(holds), ResourceNames.REQUESTS));
    return rule;
  }

  static List<ValidationRule> resourceQuota() {
    return List.of(
        rule(
            """
            [['BestEffort', 'NotBestEffort'], ['Terminating', 'NotTerminating']]
            .all(pair, !pair.all(s, %s))"""
                .formatted(SCOPED),
            "no pod is in both scopes of BestEffort and NotBestEffort, or of Terminating and"
                + " NotTerminating"),
        forEach(
            "self.hard",
            """
            r.contains('/') ||
            r == 'pods' && !['VolumeAttributesClass'].exists(s, %1$s) ||
            r in ['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu',
            'limits.memory'] && !['BestEffort', 'VolumeAttributesClass'].exists(s, %1$s) ||
            r in ['persistentvolumeclaims', 'requests.storage']
            && !['BestEffort', 'NotBestEffort', 'Terminating', 'NotTerminating', 'PriorityClass',
            'CrossNamespacePodAffinity'].exists(s, %1$s) ||
            (!has(self.scopes) || size(self.scopes) == 0) && (!has(self.scopeSelector) ||
            !has(self.scopeSelector.matchExpressions) ||
            size(self.scopeSelector.matchExpressions) == 0)"""
                .formatted(SCOPED),
            "cannot be counted within these scopes"));
  }

  static List<ValidationRule> scopeRequirement() {
    return List.of(
        values(),
        rule(
            "self.operator == 'Exists' || self.scopeName in ['PriorityClass',"
                + " 'VolumeAttributesClass']",
            "operators other than Exists are for PriorityClass and VolumeAttributesClass only"));
  }

  static List<ValidationRule> labelRequirement() {
    return List.of(
        values(),
        rule("self.key.indexOf('/') <= 253", "the prefix of a label key has up to 253 characters"));
  }

  private static ValidationRule values() {
    return rule(
        "(self.operator in ['In', 'NotIn']) == (has(self.values) && size(self.values) > 0)",
        "values must be set for In and NotIn, and for no other operator");
  }

  static List<ValidationRule> matchLabels() {
    return List.of(
        forEach(
            "self",
            "r.matches(r'%s') && r.indexOf('/') <= 253".formatted(whole(PolicyValidator.LABEL_KEY)),
            "is not a label key"));
  }

  static List<ValidationRule> exception() {
    return List.of(
        named("namespaces", "nodes", Area.NAMESPACES, Area.WORKLOADS),
        named("nodes", "namespaces", Area.NODES, Area.PRESSURE));
  }

  private static ValidationRule named(String needed, String other, Area... areas) {
    var checks =
        Arrays.stream(Check.values())
            .filter(check -> List.of(areas).contains(check.area()))
            .map(check -> "'" + check + "'")
            .collect(Collectors.joining(", ", "[", "]"));
    return rule(
        """
        !(self.check in %1$s) || has(self.%2$s) && size(self.%2$s) > 0 &&
        (!has(self.%3$s) || size(self.%3$s) == 0)"""
            .formatted(checks, needed, other),
        "an exception from this check must list %s and no %s".formatted(needed, other));
  }

  static List<ValidationRule> configBound() {
    return List.of(
        rule(
            "has(self.oneOf) != (has(self.atLeast) || has(self.atMost))",
            "must set either oneOf, or atLeast or atMost"));
  }

  static List<ValidationRule> enforceNodeAllocatable() {
    return List.of(
        rule("!('none' in self) || size(self) == 1", "none excludes all other levels"),
        rule(
            "['system-reserved', 'kube-reserved'].all(l, !(l in self) || !(l + '-compressible' in"
                + " self))",
            "a level and its -compressible form exclude each other"));
  }

  static List<ValidationRule> reserved() {
    return List.of(
        forEach(
            "self",
            "r in ['cpu', 'memory', 'ephemeral-storage', 'pid']",
            "cannot be reserved; only cpu, memory, ephemeral-storage and pid can"));
  }

  static List<ValidationRule> formula() {
    return List.of(
        rule(
            "has(self.preset) || has(self.resources) && size(self.resources) > 0",
            "a formula must set preset or resources"));
  }

  static List<ValidationRule> formulas() {
    return Stream.concat(
            reserved().stream(),
            Stream.of(
                rule(
                    """
                    !('pid' in self) || !has(self['pid'].percent) &&
                    !has(self['pid'].atMostPercent) && !has(self['pid'].tiers)""",
                    "a node reports no capacity for pid to take a percentage of")))
        .toList();
  }

  static List<ValidationRule> resourceFormula() {
    return List.of(
        rule(
            "has(self.base) || has(self.perPod) || has(self.perCore) || has(self.percent) ||"
                + " has(self.tiers)",
            "a formula must set base, perPod, perCore, percent or tiers"),
        rule(
            """
            [[?self.?atLeast, ?self.?atMost].map(q, quantity(string(q)))]
            .all(q, size(q) < 2 || q[0].compareTo(q[1]) <= 0)""",
            "atLeast must not exceed atMost"));
  }

  static List<ValidationRule> tiers() {
    return List.of(
        rule(
            "[1, 2, 3, 4, 5, 6, 7, 8, 9].all(i, i >= size(self) || has(self[i - 1].upTo))",
            "only the last tier may omit upTo"),
        rule(
            """
            [1, 2, 3, 4, 5, 6, 7, 8, 9].all(i, i >= size(self) ||
            [[?self[i - 1].?upTo, ?self[i].?upTo].map(q, quantity(string(q)))]
            .all(q, size(q) < 2 || q[0].compareTo(q[1]) < 0))""",
            "tiers must ascend by upTo"));
  }

  /// Creates a rule that must hold for each key `r` of a map. Its message begins with the key that
  /// violates it.
  private static ValidationRule forEach(String map, String holds, String message) {
    var present = map.equals("self") ? "" : "!has(%s) || ".formatted(map);
    var rule = rule("%s%s.all(r, %s)".formatted(present, map, holds), message);
    rule.setMessageExpression(
        "%s.filter(r, !(%s))[0] + ': %s'".formatted(map, flat(holds), message));
    return rule;
  }

  private static ValidationRule rule(String cel, String message) {
    var rule = new ValidationRule();
    rule.setRule(flat(cel));
    rule.setMessage(message);
    return rule;
  }

  private static String whole(String syntax) {
    return "^(" + syntax + ")$";
  }

  private static String flat(String cel) {
    return cel.replace("\n.", ".").replace('\n', ' ');
  }
}
