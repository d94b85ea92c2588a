package io.cgrouppolicy.core.policy;

import static io.cgrouppolicy.testing.Policies.ALL;
import static io.cgrouppolicy.testing.Policies.compiled;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.Policies;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CompiledPolicyTest {
  private static final boolean SYSTEM = true;
  private static final boolean USER = false;

  @Test
  void selectsByLabels() {
    var policy = compiled("p", "namespaces: {selector: {matchLabels: {tier: prod}}}");
    assertThat(policy.selects("a", Map.of("tier", "prod"), USER)).isTrue();
    assertThat(policy.selects("a", Map.of("tier", "test"), USER)).isFalse();
    assertThat(policy.selects("a", null, USER)).isFalse();
  }

  @Test
  void leavesOutWhatIsExcluded() {
    var policy = compiled("p", "namespaces: {selector: {}, exclude: [sandbox-*, legacy]}");
    assertThat(policy.selects("shop", Map.of(), USER)).isTrue();
    assertThat(policy.selects("sandbox-1", Map.of(), USER)).isFalse();
    assertThat(policy.selects("legacy", Map.of(), USER)).isFalse();
    assertThat(policy.selects("legacy-2", Map.of(), USER)).isTrue();
  }

  @Test
  void leavesOutSystemNamespacesUnlessAskedFor() {
    assertThat(compiled("p", ALL).selects("kube-system", Map.of(), SYSTEM)).isFalse();
    var asked = compiled("p", "namespaces: {selector: {}, includeSystem: true}");
    assertThat(asked.selects("kube-system", Map.of(), SYSTEM)).isTrue();
    var excluded =
        compiled("p", "namespaces: {selector: {}, includeSystem: true, exclude: [kube-*]}");
    assertThat(excluded.selects("kube-system", Map.of(), SYSTEM)).isFalse();
  }

  @Test
  void selectsNothingWithoutNamespacesOrWhenInvalid() {
    assertThat(compiled("p", "nodes: {selector: {}}").selects("a", Map.of(), USER)).isFalse();
    var invalid = compiled("p", "namespaces: {selector: {}, exclude: ['not a glob']}");
    assertThat(invalid.valid()).isFalse();
    assertThat(invalid.selects("a", Map.of(), USER)).isFalse();
    assertThat(invalid.limitRange()).isNull();
  }

  @Test
  void auditsAndDeletesByDefault() {
    var policy = compiled("p", ALL);
    assertThat(policy.enforces()).isFalse();
    assertThat(policy.orphans()).isFalse();
    assertThat(policy.priority()).isZero();
    var other = compiled("p", "mode: Enforce, deletionPolicy: Orphan, priority: -3");
    assertThat(other.enforces()).isTrue();
    assertThat(other.orphans()).isTrue();
    assertThat(other.priority()).isEqualTo(-3);
  }

  @Test
  void onlyACountOfReplicaSetsCanRejectOne() {
    var named = ", resourceQuotas: [{name: a, hard: {count/replicasets.apps: 9}}]}";
    assertThat(compiled("p", "namespaces: {selector: {}" + named).limitsReplicaSets()).isTrue();
    assertThat(compiled("p", Policies.BASELINE).limitsReplicaSets()).isFalse();
    assertThat(compiled("p", ALL).limitsReplicaSets()).isFalse();
  }

  @Test
  void aPolicyWithoutSpecOrMetadataIsInvalidAndHarmless() {
    var empty = Policies.policy("p", ALL);
    empty.setSpec(null);
    empty.getMetadata().setGeneration(null);
    empty.getMetadata().setCreationTimestamp(null);
    var policy = CompiledPolicy.of(empty);
    assertThat(policy.problems()).extracting(Object::toString).containsExactly("spec: is required");
    assertThat(policy.enforces()).isFalse();
    assertThat(policy.orphans()).isFalse();
    assertThat(policy.priority()).isZero();
    assertThat(policy.selects("a", Map.of(), USER)).isFalse();
  }
}
