package io.cgrouppolicy.shell.start;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.core.policy.PolicyValidator;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// The serialization of the operator's client reads whatever the API server accepts.
class WarmUpTest {
  private static Pod pod(String metadata) {
    var json =
        "{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {\"name\": \"p\", %s}}"
            .formatted(metadata);
    return WarmUp.serialization().clone(WarmUp.serialization().unmarshal(json, Pod.class));
  }

  private static String managedFields(String fields) {
    return "\"managedFields\": [{\"manager\": \"m\", \"fieldsV1\": " + fields + "}]";
  }

  @Test
  void readsLongNames() {
    var pod = pod(managedFields("{\"k:" + "E".repeat(1_000_000) + "\": {}}"));
    assertThat(pod.getMetadata().getManagedFields().getFirst().getManager()).isEqualTo("m");
  }

  @Test
  void readsDeepFields() {
    var pod = pod(managedFields("{\"f:a\":".repeat(9_990) + "{}" + "}".repeat(9_990)));
    assertThat(pod.getMetadata().getManagedFields().getFirst().getManager()).isEqualTo("m");
  }

  /// Pairs of letters with the same hash, in all combinations.
  @Test
  void readsNamesWithCollidingHashes() {
    var annotations =
        IntStream.range(0, 2048)
            .mapToObj(
                bits ->
                    IntStream.range(0, 11)
                        .mapToObj(i -> (bits >> i & 1) == 0 ? "az" : "bY")
                        .collect(Collectors.joining("", "\"", "\": \"x\"")))
            .collect(Collectors.joining(",", "\"annotations\": {", "}"));
    assertThat(pod(annotations).getMetadata().getAnnotations()).hasSize(2048);
  }

  @Test
  void readsAndCopiesADeepPolicyWhichIsInvalid() {
    var json =
        """
        {"kind": "CgroupPolicy", "metadata": {"name": "p"},
          "spec": {"nodes": {"selector": {}, "kubelet": {"config": %s}}}}
        """
            .formatted("{\"a\":".repeat(9_990) + "{}" + "}".repeat(9_990));
    var policy =
        WarmUp.serialization().clone(WarmUp.serialization().unmarshal(json, CgroupPolicy.class));
    assertThat(policy.getSpec()).isEqualTo(policy.getSpec()).hasToString(policy.getSpec() + "");
    assertThat(PolicyValidator.validate(policy.getSpec()))
        .hasToString("[spec.nodes.kubelet.config: must have at most 32 levels]");
  }
}
