package io.cgrouppolicy.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.core.limits.Difference;
import io.cgrouppolicy.core.limits.LimitRangeRules;
import io.cgrouppolicy.core.limits.ResourceQuotaRules;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.fuzz.Choices;
import io.cgrouppolicy.fuzz.PolicyGenerator;
import io.cgrouppolicy.testing.Children;
import io.cgrouppolicy.testing.LocalCluster;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/// Generated policies with absurd content against the API server. Whatever passes the CRD's schema
/// and the operator's validation can be carried out: the API server accepts the objects, and stores
/// them as the operator expects, so that it never writes them again.
class HostilePolicyIT {
  private static final long SEED = 20261129;
  private static final int POLICIES = Integer.getInteger("fuzz.policies", 400);

  private final List<String> disagreements = new ArrayList<>();
  private int accepted;
  private int carriedOut;

  @Test
  void whateverIsAcceptedCanBeCarriedOut() {
    for (int i = 0; i < POLICIES; i++) {
      var spec = new PolicyGenerator(Choices.random(SEED + i, 4096)).spec();
      var json =
          "{\"apiVersion\": \"cgroup-policy.io/v1alpha1\", \"kind\": \"CgroupPolicy\","
              + " \"metadata\": {\"name\": \"fuzz\"}, \"spec\": %s}".formatted(spec);
      String stored;
      try {
        stored = LocalCluster.get().dryRun(json);
      } catch (KubernetesClientException e) {
        assertThat(e.getCode()).as(e.getMessage()).isIn(400, 422);
        continue;
      }
      accepted++;
      var policy = Serialization.unmarshal(stored, CgroupPolicy.class);
      policy.getMetadata().setUid("uid");
      var compiled = CompiledPolicy.of(policy);
      if (compiled.valid()) {
        carryOut(compiled, spec);
      }
    }
    assertThat(disagreements).isEmpty();
    assertThat(accepted).as("accepted policies").isGreaterThan(POLICIES / 5);
    assertThat(carriedOut).as("objects").isGreaterThan(POLICIES / 20);
  }

  private void carryOut(CompiledPolicy policy, JsonNode spec) {
    if (policy.limitRange() != null) {
      create(
          Children.limitRange(policy),
          spec,
          stored -> LimitRangeRules.differences(policy.limitRange(), stored.getSpec()));
    }
    policy
        .resourceQuotas()
        .forEach(
            (name, wanted) ->
                create(
                    Children.namedQuota(name, policy),
                    spec,
                    stored -> ResourceQuotaRules.differences(wanted, stored.getSpec())));
  }

  private <T extends HasMetadata> void create(
      T object, JsonNode spec, Function<T, List<Difference>> differ) {
    object.getMetadata().setNamespace("default");
    object.getMetadata().setResourceVersion(null);
    object.getMetadata().setUid(null);
    try {
      var stored = LocalCluster.get().admin().resource(object).dryRun().create();
      carriedOut++;
      differ.apply(stored).stream()
          .map(difference -> "stored otherwise: " + difference + " of " + spec)
          .forEach(disagreements::add);
    } catch (KubernetesClientException e) {
      disagreements.add("refused: " + e.getMessage() + " of " + spec);
    }
  }
}
