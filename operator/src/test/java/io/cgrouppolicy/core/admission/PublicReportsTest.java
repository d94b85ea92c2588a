package io.cgrouppolicy.core.admission;

import static io.cgrouppolicy.testing.Policies.policy;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.admission.Preview.Surroundings;
import io.cgrouppolicy.core.pods.PodFacts;
import io.cgrouppolicy.core.pods.PodReader;
import io.cgrouppolicy.core.pods.Workload;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.testing.Previews;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Limits that rejected pods although nobody had meant that, as people reported or published them.
/// Each was tried on a real API server, which answered as the preview does.
class PublicReportsTest {
  private static final String REJECTED = "would be rejected when next created: ";

  private static CompiledPolicy compiled(String namespaces) {
    return CompiledPolicy.of(policy("p", "namespaces: {selector: {}, " + namespaces + "}"));
  }

  private static PodFacts pod(String name, String spec) {
    var pod =
        Serialization.unmarshal(
            "metadata: {name: %s, namespace: n, uid: %s}\nspec: {%s}".formatted(name, name, spec),
            Pod.class);
    return new PodReader().read(pod).orElseThrow();
  }

  private static Preview.Result preview(String namespaces, String surge, PodFacts... pods) {
    return Previews.of(
        List.of(pods),
        compiled(namespaces),
        new Surroundings(null, List.of()),
        pod -> new Workload("Deployment", "web", surge));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "kubernetes/kubernetes#74507: the maximum of a pod needs limits, and gives none"
            + "|limitRange: {limits: [{type: Pod, max: {memory: 1Gi}}]}"
            + "|containers: [{name: a}]"
            + "|maximum memory usage per Pod is 1Gi.  No limit is specified",
        "kubernetes/kubernetes#112835, #51430: a default acts as a maximum for requests"
            + "|limitRange: {limits: [{type: Container, default: {cpu: 10m}, max: {cpu: 1}}]}"
            + "|containers: [{name: a, resources: {requests: {cpu: 700m}}}]"
            + "|with the defaults of the LimitRange, container a:"
            + " spec.containers[0].resources.requests: Invalid value: \"700m\": must be less than or"
            + " equal to cpu limit of 10m",
        "kubernetes/kubernetes#99096: min is for requests, max for limits"
            + "|limitRange: {limits: [{type: Container, max: {cpu: 800m}, min: {cpu: 20m}}]}"
            + "|containers: [{name: a, resources: {requests: {cpu: 20m}, limits: {cpu: 2}}}]"
            + "|container a: maximum cpu usage per Container is 800m, but limit is 2",
        "a published template: defaults that fit one container and not two"
            + "|limitRange: {limits: [{type: Container, default: {cpu: 500m}},"
            + " {type: Pod, max: {cpu: 800m}}]}"
            + "|containers: [{name: a}, {name: b}]"
            + "|maximum cpu usage per Pod is 800m, but limit is 1",
        "pegasystems/pega-helm-charts#583, tektoncd/pipeline#2933: the init container sets nothing"
            + "|resourceQuota: {hard: {limits.cpu: 20}}"
            + "|containers: [{name: a, resources: {requests: {cpu: 1}, limits: {cpu: 1}}}],"
            + " initContainers: [{name: wait-for-pegasearch}]"
            + "|failed quota: cgroup-policy: must specify limits.cpu for: wait-for-pegasearch",
        "kubernetes.io, sidecar containers: one runs beside the init containers that follow it"
            + "|limitRange: {limits: [{type: Pod, max: {memory: 800Mi}}]}"
            + "|containers: [{name: a, resources: {limits: {memory: 256Mi}}}], initContainers:"
            + " [{name: proxy, restartPolicy: Always, resources: {limits: {memory: 128Mi}}},"
            + " {name: migrate, resources: {limits: {memory: 700Mi}}}]"
            + "|maximum memory usage per Pod is 800Mi, but limit is 828Mi",
        "kubernetes/enhancements KEP-2837: defaults of containers above the pod's own limit"
            + "|limitRange: {limits: [{type: Container, default: {memory: 512Mi}}]}"
            + "|resources: {requests: {memory: 1Gi}, limits: {memory: 1Gi}},"
            + " containers: [{name: a}, {name: b}, {name: c}]"
            + "|with the defaults of the LimitRange, spec.resources.requests[memory]: Invalid value:"
            + " \"1Gi\": must be greater than or equal to aggregate container requests of 1536Mi",
        "tektoncd/pipeline#4217, openshift/origin#15173: a deadline makes a pod Terminating"
            + "|resourceQuota: {hard: {limits.cpu: 1}, scopes: [Terminating]}"
            + "|activeDeadlineSeconds: 100, containers: [{name: a}]"
            + "|failed quota: cgroup-policy: must specify limits.cpu for: a",
      })
  void rejects(String source, String namespaces, String pod, String text) {
    var result = preview(namespaces, "0", pod("a", pod));
    assertThat(result.findings())
        .extracting(finding -> finding.finding().text())
        .containsExactly(REJECTED + text);
    assertThat(result.safe()).isFalse();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "kubernetes/kubernetes#135411: scope Terminating is not about pods that are being deleted"
            + "|resourceQuota: {hard: {limits.cpu: 1}, scopes: [Terminating]}"
            + "|containers: [{name: a}]",
        "kubernetes/kubernetes#138148: with defaults no new pod is BestEffort"
            + "|limitRange: {limits: [{type: Container, default: {memory: 256Mi}}]},"
            + " resourceQuota: {hard: {pods: 0}, scopes: [BestEffort]}"
            + "|containers: [{name: a}]",
        "GKE's gcp-critical-pods: other priority classes do not count"
            + "|resourceQuota: {hard: {pods: 0}, scopeSelector: {matchExpressions: [{scopeName:"
            + " PriorityClass, operator: In, values: [system-node-critical]}]}}"
            + "|containers: [{name: a}]",
      })
  void admits(String source, String namespaces, String pod) {
    assertThat(preview(namespaces, "0", pod("a", pod)).safe()).isTrue();
  }

  /// kubernetes/kubernetes#98656: memory for two pods.
  @Test
  void aRollingUpdateWithoutSurgeNeedsNoRoom() {
    var pods = new ArrayList<PodFacts>();
    for (var name : List.of("a", "b")) {
      pods.add(pod(name, "containers: [{name: a, resources: {requests: {memory: 64Mi}}}]"));
    }
    var quota = "resourceQuota: {hard: {requests.memory: 150Mi}}";
    assertThat(preview(quota, "0", pods.toArray(PodFacts[]::new)).safe()).isTrue();
    assertThat(preview(quota, "25%", pods.toArray(PodFacts[]::new)).rollouts()).hasSize(1);
  }
}
