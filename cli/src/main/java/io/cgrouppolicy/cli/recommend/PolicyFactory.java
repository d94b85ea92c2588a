package io.cgrouppolicy.cli.recommend;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicySpec;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicySpec.Mode;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicySpec.Rollout;
import io.cgrouppolicy.api.v1alpha1.LimitRangeTemplate;
import io.cgrouppolicy.api.v1alpha1.NamespacesSpec;
import io.cgrouppolicy.api.v1alpha1.ResourceQuotaTemplate;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Builds the policy from its figures.
final class PolicyFactory {
  /// The label by which a policy selects a namespace by name. The API server sets it.
  static final String NAME_LABEL = "kubernetes.io/metadata.name";

  /// Takes precedence over a policy for all namespaces.
  static final int PRIORITY_OF_NAMED = 100;

  private PolicyFactory() {}

  /// @param leftOut namespaces to exclude, in addition to what the user chose
  /// @param quota null for a policy without one
  static CgroupPolicy policy(
      Choices choices, Collection<String> leftOut, LimitFigures limits, Map<String, Figure> quota) {
    var policy = new CgroupPolicy();
    policy.setMetadata(new ObjectMetaBuilder().withName(choices.name()).withUid("").build());
    policy.setSpec(
        new CgroupPolicySpec(
            Mode.Audit,
            choices.namespaces().isEmpty() ? null : PRIORITY_OF_NAMED,
            null,
            Rollout.WhenSafe,
            new NamespacesSpec(
                selector(choices.namespaces()),
                exclude(choices, leftOut),
                null,
                limitRange(limits),
                quota == null ? null : quota(quota),
                null),
            null,
            null,
            null,
            null,
            null));
    return policy;
  }

  /// The names and globs to exclude; null if none.
  private static List<String> exclude(Choices choices, Collection<String> leftOut) {
    var exclude = new ArrayList<>(choices.exclude());
    exclude.addAll(leftOut);
    return exclude.isEmpty() ? null : exclude;
  }

  private static LabelSelector selector(List<String> namespaces) {
    var selector = new LabelSelectorBuilder();
    if (namespaces.size() == 1) {
      selector.addToMatchLabels(NAME_LABEL, namespaces.getFirst());
    } else if (!namespaces.isEmpty()) {
      selector
          .addNewMatchExpression()
          .withKey(NAME_LABEL)
          .withOperator("In")
          .withValues(namespaces)
          .endMatchExpression();
    }
    return selector.build();
  }

  private static LimitRangeTemplate limitRange(LimitFigures limits) {
    var requests = new LinkedHashMap<String, Quantity>();
    requests.put("cpu", limits.requestCpu().value());
    requests.put("memory", limits.requestMemory().value());
    return new LimitRangeTemplate(
        List.of(
            new LimitRangeTemplate.Item(
                "Container",
                limits.maxMemory() == null ? null : Map.of("memory", limits.maxMemory().value()),
                null,
                Map.of("memory", limits.defaultMemory().value()),
                requests,
                null)));
  }

  private static ResourceQuotaTemplate quota(Map<String, Figure> figures) {
    var hard = new LinkedHashMap<String, Quantity>();
    figures.forEach((resource, figure) -> hard.put(resource, figure.value()));
    return new ResourceQuotaTemplate(hard, null, null);
  }
}
