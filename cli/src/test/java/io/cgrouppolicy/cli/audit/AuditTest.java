package io.cgrouppolicy.cli.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.Violation;
import io.cgrouppolicy.cli.audit.Snapshot.NodeSnapshot;
import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.kubelet.Answer.Unusable;
import io.cgrouppolicy.core.kubelet.NodeFacts;
import io.cgrouppolicy.core.kubelet.Platform;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.core.policy.PolicyBook;
import io.cgrouppolicy.core.policy.SystemNamespaces;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class AuditTest {
  private static final CgroupPolicy POLICY =
      Serialization.unmarshal(
          """
          apiVersion: cgroup-policy.io/v1alpha1
          kind: CgroupPolicy
          metadata: {name: p, uid: u}
          spec:
            nodes: {selector: {}, kubelet: {cgroupDriver: systemd}, pressure: {memory: {full: 1}}}
          """,
          CgroupPolicy.class);

  private static final NodeFacts NODE =
      NodeFacts.of(
          new NodeBuilder()
              .withNewMetadata()
              .withName("n")
              .endMetadata()
              .withNewStatus()
              .addNewCondition()
              .withType("Ready")
              .withStatus("True")
              .endCondition()
              .withNewNodeInfo()
              .withKubeletVersion("v1.36.0")
              .endNodeInfo()
              .endStatus()
              .build());

  /// There is no operator that could have started.
  @Test
  void saysNothingOfEarlierLooks() {
    var cluster =
        new Snapshot(
            List.of(),
            pod -> null,
            List.of(
                new NodeSnapshot(
                    NODE,
                    new Unusable<>(Check.KubeletUnreachable, "Timeout", "it took too long"),
                    new Unusable<>(Check.KubeletUnreachable, "Timeout", "it took too long"),
                    List.of())),
            Platform.UPSTREAM);
    var book =
        new PolicyBook(List.of(CompiledPolicy.of(POLICY)), SystemNamespaces.of(List.of(), "own"));
    var violations = Audit.of(book, cluster, null, Instant.EPOCH).get("p").violations();
    assertThat(violations.stream().map(Violation::message))
        .hasSize(2)
        .allMatch(message -> message.contains("since the operator started"));
    assertThat(violations.stream().map(Violation::message).map(Audit::ofOneLook))
        .containsExactlyInAnyOrder("n: it took too long", "n: it took too long");
  }
}
