package io.cgrouppolicy.cli.explain;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.core.policy.PolicyBook;
import io.cgrouppolicy.core.policy.SystemNamespaces;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SelectionsTest {
  private static final Map<String, String> LABELS = Map.of("team", "search", "tier", "gold");

  private static CompiledPolicy policy(String spec) {
    var policy =
        Serialization.unmarshal(
            """
            apiVersion: cgroup-policy.io/v1alpha1
            kind: CgroupPolicy
            metadata: {name: p, uid: u}
            spec: %s
            """
                .formatted(spec),
            CgroupPolicy.class);
    return CompiledPolicy.of(policy);
  }

  private static String whyNot(String spec, String namespace) {
    var policy = policy(spec);
    var book = new PolicyBook(List.of(policy), SystemNamespaces.of(List.of("kube-system"), "own"));
    return Selections.whyNot(book, policy, namespace, LABELS);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {matchLabels: {team: pay}}                                         | team=pay, but it is search
          {matchLabels: {stage: prod}}                                       | stage=prod, but the label is not set
          {matchExpressions: [{key: team, operator: In, values: [a, b]}]}    | team in (a, b), but it is search
          {matchExpressions: [{key: tier, operator: NotIn, values: [gold]}]} | tier not in (gold), but it is gold
          {matchExpressions: [{key: stage, operator: Exists}]}               | stage, but the label is not set
          {matchExpressions: [{key: tier, operator: DoesNotExist}]}          | no tier, but it is gold
          """)
  void namesTheRequirementThatIsNotMet(String selector, String expected) {
    assertThat(whyNot("{namespaces: {selector: " + selector + "}}", "shop"))
        .isEqualTo("its selector requires " + expected);
  }

  @Test
  void namesWhatExcludesTheNamespace() {
    assertThat(whyNot("{namespaces: {selector: {}, exclude: ['sh*']}}", "shop"))
        .isEqualTo("its spec.namespaces.exclude names the namespace");
    assertThat(whyNot("{namespaces: {selector: {}}}", "kube-system"))
        .isEqualTo("it is a system namespace, and spec.namespaces.includeSystem is not set");
    assertThat(whyNot("{nodes: {selector: {}, kubelet: {cgroupDriver: systemd}}}", "shop"))
        .isEqualTo("it has no spec.namespaces");
    assertThat(whyNot("{namespaces: {selector: {}, exclude: ['']}}", "shop"))
        .startsWith("it is invalid: spec.namespaces.exclude");
  }

  @Test
  void describesTheSelector() {
    assertThat(Selections.selector(policy("{namespaces: {selector: {}}}")))
        .isEqualTo("its selector matches all namespaces");
    assertThat(Selections.selector(policy("{namespaces: {selector: {matchLabels: {team: a}}}}")))
        .isEqualTo("its selector matches: team=a");
  }
}
