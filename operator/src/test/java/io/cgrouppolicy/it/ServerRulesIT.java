package io.cgrouppolicy.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.api.v1alpha1.LimitRangeTemplate;
import io.cgrouppolicy.api.v1alpha1.ResourceQuotaTemplate;
import io.cgrouppolicy.core.check.Problem;
import io.cgrouppolicy.core.limits.Difference;
import io.cgrouppolicy.core.limits.LimitRangeRules;
import io.cgrouppolicy.core.limits.ResourceQuotaRules;
import io.cgrouppolicy.testing.LocalCluster;
import io.cgrouppolicy.testing.RandomTemplates;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.LimitRangeBuilder;
import io.fabric8.kubernetes.api.model.LimitRangeItemBuilder;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import io.fabric8.kubernetes.api.model.ScopedResourceSelectorRequirement;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/// Compares the copies of the API server's rules with the API server: it accepts and stores valid
/// templates as predicted, and rejects invalid ones.
class ServerRulesIT {
  private static final long SEED = 20261124;
  private static final int TEMPLATES = 400;

  /// Problems that the operator rejects but the server accepts, because the stored object would be
  /// useless.
  private static final List<String> OURS =
      List.of(
          "is below the ratio of default to defaultRequest",
          " of type Pod",
          " is in thousandths of a byte",
          " is in powers of 1024 CPUs",
          " is above limits.",
          "sets nothing",
          "is allowed for type Container only", // the server only checks it in Pod entries
          " is not a resource of type PersistentVolumeClaim");

  private final List<String> disagreements = new ArrayList<>();
  private int accepted;
  private int refused;

  @Test
  void aLimitRangeIsStoredAsCompletedOrRefused() {
    var templates = new RandomTemplates(SEED);
    for (int i = 0; i < TEMPLATES; i++) {
      var template = templates.limitRange();
      compare(
          template,
          LimitRangeRules.problems("f", template),
          object(template),
          stored ->
              LimitRangeRules.differences(LimitRangeRules.complete(template), stored.getSpec()));
    }
    assertAgreement();
  }

  @Test
  void aResourceQuotaIsStoredAsCanonicalOrRefused() {
    var templates = new RandomTemplates(SEED);
    for (int i = 0; i < TEMPLATES; i++) {
      var template = templates.quota();
      compare(
          template,
          ResourceQuotaRules.problems("f", template),
          object(template),
          stored ->
              ResourceQuotaRules.differences(
                  ResourceQuotaRules.canonical(template), stored.getSpec()));
    }
    assertAgreement();
  }

  private void assertAgreement() {
    assertThat(disagreements).isEmpty();
    assertThat(accepted).as("accepted").isGreaterThan(TEMPLATES / 5);
    assertThat(refused).as("refused").isGreaterThan(TEMPLATES / 5);
  }

  private <T extends HasMetadata> void compare(
      Object template, List<Problem> problems, T object, Function<T, List<Difference>> differ) {
    boolean oursAlone =
        problems.stream().allMatch(p -> OURS.stream().anyMatch(p.message()::contains));
    T stored;
    try {
      stored = LocalCluster.get().admin().resource(object).inNamespace("default").dryRun().create();
    } catch (KubernetesClientException e) {
      assertThat(e.getCode()).as(e.getMessage()).isIn(400, 422);
      refused++;
      if (problems.isEmpty()) {
        disagreements.add("refused: " + template + ": " + e.getStatus().getMessage());
      }
      return;
    }
    if (!oursAlone) {
      disagreements.add("accepted: " + template + ", in spite of " + problems);
    } else if (problems.isEmpty()) {
      accepted++;
      differ.apply(stored).stream()
          .map(difference -> "stored: " + template + " with " + difference)
          .forEach(disagreements::add);
    }
  }

  /// As written, not as completed by the operator.
  private static LimitRange object(LimitRangeTemplate template) {
    return new LimitRangeBuilder()
        .withNewMetadata()
        .withName("probe")
        .endMetadata()
        .withNewSpec()
        .withLimits(
            template.limits().stream()
                .map(
                    item ->
                        new LimitRangeItemBuilder()
                            .withType(item.type())
                            .withMax(item.max())
                            .withMin(item.min())
                            .withDefault(item.defaultLimit())
                            .withDefaultRequest(item.defaultRequest())
                            .withMaxLimitRequestRatio(item.maxLimitRequestRatio())
                            .build())
                .toList())
        .endSpec()
        .build();
  }

  private static ResourceQuota object(ResourceQuotaTemplate template) {
    var spec =
        new ResourceQuotaBuilder()
            .withNewMetadata()
            .withName("probe")
            .endMetadata()
            .withNewSpec()
            .withHard(template.hard())
            .withScopes(template.scopes());
    if (template.scopeSelector() != null) {
      spec.withNewScopeSelector()
          .withMatchExpressions(
              template.scopeSelector().matchExpressions().stream()
                  .map(
                      e ->
                          new ScopedResourceSelectorRequirement(
                              e.operator(),
                              e.scopeName(),
                              e.values() == null ? List.of() : e.values()))
                  .toList())
          .endScopeSelector();
    }
    return spec.endSpec().build();
  }
}
