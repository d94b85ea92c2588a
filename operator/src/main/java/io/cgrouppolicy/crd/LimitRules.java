package io.cgrouppolicy.crd;

import static io.cgrouppolicy.crd.Cel.flat;
import static io.cgrouppolicy.crd.Cel.forEach;
import static io.cgrouppolicy.crd.Cel.rule;
import static io.cgrouppolicy.crd.Cel.whole;

import io.cgrouppolicy.core.limits.ResourceNames;
import io.fabric8.kubernetes.api.model.apiextensions.v1.ValidationRule;
import java.util.List;
import java.util.stream.Collectors;

/// The CEL rules of the LimitRange and the ResourceQuotas: see [AdmissionRules].
final class LimitRules {
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

  private LimitRules() {}

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
            .transform(Cel::flat));
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
  /// before this rule stay in force; the operator reports ResourceQuotaNotEffective. The message
  /// maps a list of one key, because Kubernetes 1.29 would multiply the cost by all keys.
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
        "[self.filter(r, !(%s))[0]].map(r, r + ': is never counted; use %s' + r.replace('limits.', ''))[0]"
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
        AdmissionRules.values(),
        rule(
            "self.operator == 'Exists' || self.scopeName in ['PriorityClass',"
                + " 'VolumeAttributesClass']",
            "operators other than Exists are for PriorityClass and VolumeAttributesClass only"));
  }
}
