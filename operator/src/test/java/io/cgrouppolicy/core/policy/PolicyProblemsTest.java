package io.cgrouppolicy.core.policy;

import static io.cgrouppolicy.testing.Policies.ALL;
import static io.cgrouppolicy.testing.Policies.policy;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.check.Problem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Tests the operator's validation errors, field by field.
class PolicyProblemsTest {
  private static Iterable<String> problems(String spec) {
    return PolicyValidator.validate(policy("p", spec).getSpec()).stream()
        .map(Problem::toString)
        .toList();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "namespaces: {} | spec.namespaces.selector: is required; {} selects all",
        "namespaces: {selector: {matchLabels: {'a b': x}}}"
            + " | spec.namespaces.selector.matchLabels: 'a b' is not a label key",
        "namespaces: {selector: {matchLabels: {a: '-x'}}}"
            + " | spec.namespaces.selector.matchLabels[a]: '-x' is not a label value",
        "namespaces: {selector: {matchExpressions: [{key: '', operator: Exists}]}}"
            + " | spec.namespaces.selector.matchExpressions[0].key: '' is not a label key",
        "namespaces: {selector: {matchExpressions: [{operator: Exists}]}}"
            + " | spec.namespaces.selector.matchExpressions[0].key: 'null' is not a label key",
        "namespaces: {selector: {matchExpressions: [{key: a, operator: In}]}}"
            + " | spec.namespaces.selector.matchExpressions[0].values: must be set for operator In",
        "namespaces: {selector: {matchExpressions: [{key: a, operator: NotIn, values: []}]}}"
            + " | spec.namespaces.selector.matchExpressions[0].values: must be set for operator"
            + " NotIn",
        "namespaces: {selector: {matchExpressions: [{key: a, operator: Exists, values: [x]}]}}"
            + " | spec.namespaces.selector.matchExpressions[0].values: must not be set for operator"
            + " Exists",
        "namespaces: {selector: {matchExpressions: [{key: a, operator: DoesNotExist, values: [x]}]}}"
            + " | spec.namespaces.selector.matchExpressions[0].values: must not be set for operator"
            + " DoesNotExist",
        "namespaces: {selector: {matchExpressions: [{key: a, operator: Like, values: [x]}]}}"
            + " | spec.namespaces.selector.matchExpressions[0].operator: must be In, NotIn, Exists"
            + " or DoesNotExist, not Like",
        "namespaces: {selector: {matchExpressions: [{key: a}]}}"
            + " | spec.namespaces.selector.matchExpressions[0].operator: must be In, NotIn, Exists"
            + " or DoesNotExist, not null",
        "namespaces: {selector: {matchExpressions: [{key: a, operator: In, values: [x, 'y z']}]}}"
            + " | spec.namespaces.selector.matchExpressions[0].values[1]: 'y z' is not a label"
            + " value",
        "namespaces: {selector: {}, exclude: [ok, 'kube-.+']}"
            + " | spec.namespaces.exclude[1]: 'kube-.+' is not a name or glob",
        "namespaces: {selector: {}, limitRange: {limits: []}}"
            + " | spec.namespaces.limitRange.limits: must have at least one entry",
        "namespaces: {selector: {}, resourceQuota: {hard: {}}}"
            + " | spec.namespaces.resourceQuota.hard: must name at least one resource",
        "namespaces: {selector: {}, resourceQuotas: [{name: a, hard: {pods: 1}}, {name: A.b, hard:"
            + " {pods: 1}}]} | spec.namespaces.resourceQuotas[1].name: must be a DNS label of at"
            + " most 49 characters",
        "namespaces: {selector: {}, resourceQuotas: [{hard: {pods: 1}}]}"
            + " | spec.namespaces.resourceQuotas[0].name: must be a DNS label of at most 49"
            + " characters",
        "namespaces: {selector: {}, resourceQuotas: [{name: a, hard: {pods: 1}}, {name: a, hard:"
            + " {pods: 1}}]} | spec.namespaces.resourceQuotas[1].name: 'a' is the name of another"
            + " entry",
        "namespaces: {selector: {}, resourceQuotas: [{name: a, hard: {pods: 1}}, {name: b, hard:"
            + " {}}]} | spec.namespaces.resourceQuotas[1].hard: must name at least one resource",
        "namespaces: {selector: {}, resourceQuotas: [{name: a, hard: {pods: 1}}, {name: b, hard:"
            + " {resourcequotas: 1}}]} | spec.namespaces.resourceQuotas[1].hard[resourcequotas]: is"
            + " 1, but the policy itself creates 2",
        "workloads: {allowBestEffort: false}"
            + " | spec.workloads: requires spec.namespaces, which selects the pods",
        "nodes: {} | spec.nodes.selector: is required; {} selects all",
        "nodes: {selector: {matchLabels: {a: 'x y'}}}"
            + " | spec.nodes.selector.matchLabels[a]: 'x y' is not a label value",
        "exceptions: [{check: LimitRangeConflict, namespaces: [a], reason: r, expires: tomorrow}]"
            + " | spec.exceptions[0].expires: 'tomorrow' is not an RFC 3339 time",
        "exceptions: [{check: LimitRangeConflict, namespaces: [A], reason: r}]"
            + " | spec.exceptions[0].namespaces[0]: 'A' is not a name or glob",
        "exceptions: [{check: KubeletPodPidsLimit, nodes: ['(a)'], reason: r}]"
            + " | spec.exceptions[0].nodes[0]: '(a)' is not a name or glob",
      })
  void namesTheFieldAndWhatIsWrongWithIt(String spec, String problem) {
    assertThat(problems(spec)).containsExactly(problem);
  }

  @Test
  void anExceptionFromACheckOfNamespacesNamesNamespaces() {
    assertThat(problems("exceptions: [{check: LimitRangeConflict, nodes: [a], reason: r}]"))
        .singleElement()
        .asString()
        .startsWith("spec.exceptions[0]")
        .contains("namespaces");
  }

  @Test
  void labelsMayNotBeTooLong() {
    var spec = "namespaces: {selector: {matchLabels: {a: %s}}}";
    assertThat(problems(spec.formatted("x".repeat(63)))).isEmpty();
    assertThat(problems(spec.formatted("x".repeat(64)))).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        ALL,
        "nodes: {selector: {}}",
        "namespaces: {selector: {matchLabels: {kubernetes.io/metadata.name: a, x: ''}}}",
        "namespaces: {selector: {matchExpressions: [{key: a.b/c, operator: In, values: ['', x]}]}}",
        "namespaces: {selector: {}, exclude: [a, 'b-*', '*-c', 'd?']}",
        "exceptions: [{check: LimitRangeConflict, namespaces: ['*'], reason: r, expires:"
            + " '2027-01-31T00:00:00+02:00'}]",
        "exceptions: [{check: KubeletPodPidsLimit, nodes: ['gpu-*'], reason: r}]",
      })
  void acceptsWhatCanBeCarriedOut(String spec) {
    assertThat(problems(spec)).isEmpty();
  }

  @Test
  void tellsAllProblemsAtOnceInTheOrderOfTheFields() {
    assertThat(
            problems(
                "namespaces: {selector: {matchLabels: {a: '-'}}, exclude: [A]}, nodes: {},"
                    + " exceptions: [{check: LimitRangeMissing, namespaces: [A], reason: r}]"))
        .extracting(problem -> problem.substring(0, problem.indexOf(": ")))
        .containsExactly(
            "spec.namespaces.selector.matchLabels[a]",
            "spec.namespaces.exclude[0]",
            "spec.nodes.selector",
            "spec.exceptions[0].namespaces[0]");
  }

  @Test
  void anAbsentSpecIsAProblem() {
    assertThat(PolicyValidator.validate(null)).extracting(Problem::field).containsExactly("spec");
  }
}
