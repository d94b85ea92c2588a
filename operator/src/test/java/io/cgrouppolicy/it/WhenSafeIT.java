package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.Violation;
import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.OperatorProcess;
import io.cgrouppolicy.testing.Workloads;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A namespace that `rollout: WhenSafe` holds back gets its verdict on an operator that knows
/// nothing yet: one that has just started, with no policy that is about pods, or one that was
/// restarted while namespaces wait.
class WhenSafeIT {
  private static final String BIG = "{requests: {memory: 1Gi}}";

  @RegisterExtension final Fixture fixture = new Fixture();

  /// The objects and the rollout of the README's first example.
  private void policy(String quota) {
    fixture.applySpec(
        "guard",
        """
        mode: Enforce
        rollout: WhenSafe
        namespaces:
          selector: {matchLabels: {test: %s}}
          limitRange:
            limits:
              - type: Container
                default: {memory: 512Mi}
                defaultRequest: {cpu: 100m, memory: 128Mi}
          resourceQuota:
            hard: {%s}
        workloads: {requireLimits: [memory]}
        """
            .formatted(fixture.id, quota));
  }

  private void waits(int namespaces, String... expected) {
    eventually(
        () -> {
          assertThat(fixture.status("guard", "Ready")).isEqualTo("True Enforced");
          var status = fixture.get("guard").getStatus();
          assertThat(status.preview().waiting()).isEqualTo(namespaces);
          assertThat(status.namespaces().pending()).isZero();
          assertThat(rejections(status.violations())).contains(expected);
        });
  }

  private List<String> rejections(List<Violation> violations) {
    return violations.stream()
        .filter(v -> v.check().equals("WouldReject"))
        .map(v -> v.kind() + " " + v.name())
        .toList();
  }

  @Test
  void aPodThatTheDefaultsWouldRejectIsReportedByAFreshOperatorAndAfterItsRestart() {
    var held = fixture.namespace("held");
    new Workloads(fixture, held).pod("big", BIG);
    var free = fixture.namespace("free");
    try (var operator = OperatorProcess.start()) {
      eventually(() -> assertThat(operator.leads()).isTrue());
      policy("requests.cpu: '20', limits.memory: 80Gi, pods: '200'");
      waits(1, "Pod big");
      eventually(() -> assertThat(fixture.limitRange(free)).isNotNull());
      assertThat(fixture.limitRange(held)).isNull();
    }
    try (var restarted = OperatorProcess.start()) {
      eventually(() -> assertThat(restarted.leads()).isTrue());
      eventually(
          () ->
              assertThat(
                      restarted.metric(
                          "cgroup_policy_namespaces{policy=\""
                              + fixture.id
                              + "-guard\",state=\"pending\"}"))
                  .isZero());
      waits(1, "Pod big");
      assertThat(fixture.limitRange(held)).isNull();
      fixture.client.pods().inNamespace(held).withName("big").withGracePeriod(0).delete();
      eventually(() -> assertThat(fixture.limitRange(held)).isNotNull());
      eventually(() -> assertThat(fixture.status("guard", "Compliant")).startsWith("True"));
    }
  }

  /// Only the Deployment's surge does not fit: known once the owner of its ReplicaSet is.
  @Test
  void aSurgeThatTheQuotaHasNoRoomForIsReportedByAFreshOperator() {
    var full = fixture.namespace("full");
    new Workloads(fixture, full).deployment("full", 3, "{}");
    eventually(
        () -> assertThat(fixture.client.pods().inNamespace(full).list().getItems()).hasSize(3));
    try (var operator = OperatorProcess.start()) {
      eventually(() -> assertThat(operator.leads()).isTrue());
      policy("pods: '3'");
      waits(1, "Deployment full");
      assertThat(fixture.quota(full)).isNull();
    }
  }
}
