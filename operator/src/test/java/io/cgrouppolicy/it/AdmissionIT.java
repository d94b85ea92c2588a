package io.cgrouppolicy.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.api.v1alpha1.ResourceQuotaTemplate;
import io.cgrouppolicy.core.limits.Child;
import io.cgrouppolicy.core.limits.LimitRangeRules;
import io.cgrouppolicy.core.limits.ResourceQuotaRules;
import io.cgrouppolicy.core.policy.PolicyValidator;
import io.cgrouppolicy.testing.LocalCluster;
import io.cgrouppolicy.testing.PolicyFile;
import io.fabric8.kubernetes.api.model.LimitRangeBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Sends every file in `policies/` to a real API server, whose schema accepts or rejects it.
/// `PolicyValidatorTest` tests that the operator's validation agrees.
class AdmissionIT {
  private static final LocalCluster CLUSTER = LocalCluster.get();

  static List<PolicyFile> valid() {
    return PolicyFile.startingWith("valid-");
  }

  static List<PolicyFile> stalled() {
    return PolicyFile.startingWith("stalled-");
  }

  static List<PolicyFile> invalid() {
    return PolicyFile.startingWith("invalid-");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource({"valid", "stalled"})
  void accepts(PolicyFile file) {
    assertThat(CLUSTER.dryRun(file.text())).contains("CgroupPolicy");
  }

  /// The API server accepts the operator's objects for the policy unchanged.
  @ParameterizedTest(name = "{0}")
  @MethodSource("valid")
  void canBeCarriedOut(PolicyFile file) {
    var policy = Serialization.unmarshal(file.text(), CgroupPolicy.class);
    var namespaces = policy.getSpec().namespaces();
    assertThat(PolicyValidator.validate(policy.getSpec())).isEmpty();
    var metadata =
        new ObjectMetaBuilder()
            .withName("case")
            .withNamespace("default")
            .addToLabels(Child.POLICY, policy.getMetadata().getName())
            .build();
    if (namespaces != null && namespaces.limitRange() != null) {
      var wanted = LimitRangeRules.complete(namespaces.limitRange());
      var limitRange = new LimitRangeBuilder().withMetadata(metadata).withSpec(wanted).build();
      var stored = CLUSTER.admin().resource(limitRange).dryRun().create();
      assertThat(LimitRangeRules.differences(wanted, stored.getSpec())).isEmpty();
    }
    var quotas = new ArrayList<ResourceQuotaTemplate>();
    if (namespaces != null) {
      Optional.ofNullable(namespaces.resourceQuota()).ifPresent(quotas::add);
      namespaces.namedQuotas().forEach(quota -> quotas.add(quota.template()));
    }
    for (var template : quotas) {
      var wanted = ResourceQuotaRules.canonical(template);
      var quota = new ResourceQuotaBuilder().withMetadata(metadata).withSpec(wanted).build();
      var stored = CLUSTER.admin().resource(quota).dryRun().create();
      assertThat(ResourceQuotaRules.differences(wanted, stored.getSpec())).isEmpty();
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("invalid")
  void refuses(PolicyFile file) {
    assertThatThrownBy(() -> CLUSTER.dryRun(file.text())).hasMessageContaining(file.expected());
  }
}
