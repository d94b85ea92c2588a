package io.cgrouppolicy.api.v1alpha1;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.check.Problem;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.testing.Policies;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Tests that a policy with anything in its spec can be read. `StricterRulesIT` tests it with
/// policies that the API server has stored.
class SpecReaderTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "mode: Maybe | spec.mode: 'Maybe' is not known to this version of the operator",
        "exceptions: [{check: FromTheFuture, namespaces: [a], reason: r}]"
            + " | spec.exceptions[0].check: 'FromTheFuture' is not known to this version of the"
            + " operator",
        "nodes: {selector: {}, kubelet: {enforceNodeAllocatable: [pods, all]}}"
            + " | spec.nodes.kubelet.enforceNodeAllocatable[1]: 'all' is not known to this version"
            + " of the operator",
        "priority: high | spec.priority: 'high' is not known to this version of the operator",
        "namespaces: [a] | spec.namespaces: this type is not known to this version of the operator",
        "namespaces: {selector: {}, resourceQuota: {hard: {limits.memory: {a: 1}}}}"
            + " | spec.namespaces.resourceQuota.hard[limits.memory]: this type is not known to this"
            + " version of the operator",
      })
  void namesTheFieldThatItCannotRead(String spec, String problem) {
    var policy = Policies.policy("p", spec);
    assertThat(policy.unreadable()).extracting(Problem::toString).containsExactly(problem);
    assertThat(CompiledPolicy.of(policy).problems()).isEqualTo(policy.unreadable());
  }

  @Test
  void findsAllProblemsAndKeepsTheRest() {
    var policy =
        Policies.policy(
            "p",
            "mode: Enforce, priority: 7, rollout: Later, deletionPolicy: Keep, nodes: {selector:"
                + " {}, kubelet: {enforceNodeAllocatable: [all, pods, most]}}");
    assertThat(policy.unreadable())
        .extracting(Problem::field)
        .containsExactlyInAnyOrder(
            "spec.rollout",
            "spec.deletionPolicy",
            "spec.nodes.kubelet.enforceNodeAllocatable[0]",
            "spec.nodes.kubelet.enforceNodeAllocatable[2]");
    assertThat(policy.getSpec().mode()).isEqualTo(CgroupPolicySpec.Mode.Enforce);
    assertThat(policy.getSpec().priority()).isEqualTo(7);
  }

  /// As the client reads the object of a watch event.
  @Test
  void readsFromATree() {
    var tree =
        Map.of(
            "apiVersion",
            "cgroup-policy.io/v1alpha1",
            "kind",
            "CgroupPolicy",
            "metadata",
            Map.of("name", "p"),
            "spec",
            Map.of("mode", "Maybe"));
    var policy = new KubernetesSerialization().convertValue(tree, CgroupPolicy.class);
    assertThat(policy.unreadable()).extracting(Problem::field).containsExactly("spec.mode");
  }

  @ParameterizedTest
  @CsvSource({"text", "1", "[]"})
  void readsASpecThatIsNoObject(String spec) {
    var policy =
        new KubernetesSerialization()
            .unmarshal(
                """
                {"apiVersion": "cgroup-policy.io/v1alpha1", "kind": "CgroupPolicy",
                 "metadata": {"name": "p"}, "spec": %s}
                """
                    .formatted(spec.equals("text") ? "\"text\"" : spec),
                CgroupPolicy.class);
    assertThat(policy.unreadable()).extracting(Problem::field).containsExactly("spec");
    assertThat(CompiledPolicy.of(policy).valid()).isFalse();
  }

  @Test
  void recordsNothingForAReadableSpec() {
    assertThat(Policies.policy("p", Policies.BASELINE).unreadable()).isEmpty();
  }
}
