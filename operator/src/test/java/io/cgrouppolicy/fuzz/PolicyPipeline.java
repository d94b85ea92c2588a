package io.cgrouppolicy.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus;
import io.cgrouppolicy.api.v1alpha1.NodesSpec.KubeletSpec;
import io.cgrouppolicy.core.admission.Preview;
import io.cgrouppolicy.core.admission.Preview.Surroundings;
import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.Finding;
import io.cgrouppolicy.core.check.Problem;
import io.cgrouppolicy.core.check.Trouble;
import io.cgrouppolicy.core.check.WorkloadFinding;
import io.cgrouppolicy.core.kubelet.Answer;
import io.cgrouppolicy.core.kubelet.NodeFacts;
import io.cgrouppolicy.core.kubelet.Platform;
import io.cgrouppolicy.core.kubelet.Reading;
import io.cgrouppolicy.core.kubelet.lint.KubeletLinter;
import io.cgrouppolicy.core.kubelet.remedy.KubeletRemedy;
import io.cgrouppolicy.core.kubelet.reservation.NodeSize;
import io.cgrouppolicy.core.kubelet.reservation.Reservations;
import io.cgrouppolicy.core.namespace.Decision.Outcome;
import io.cgrouppolicy.core.namespace.Decision.Write;
import io.cgrouppolicy.core.namespace.NamespaceDecider;
import io.cgrouppolicy.core.namespace.NamespaceRecord;
import io.cgrouppolicy.core.namespace.NamespaceVerdict;
import io.cgrouppolicy.core.namespace.NamespaceView;
import io.cgrouppolicy.core.namespace.Observed;
import io.cgrouppolicy.core.namespace.PodSafety;
import io.cgrouppolicy.core.node.NodeDecider;
import io.cgrouppolicy.core.node.NodeMemory;
import io.cgrouppolicy.core.node.ObservedNode;
import io.cgrouppolicy.core.pods.NeighbourRules;
import io.cgrouppolicy.core.pods.Workload;
import io.cgrouppolicy.core.pods.WorkloadJudge;
import io.cgrouppolicy.core.pods.WorkloadVerdict;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.core.policy.Glob;
import io.cgrouppolicy.core.policy.NodesRules;
import io.cgrouppolicy.core.policy.PolicyBook;
import io.cgrouppolicy.core.policy.SystemNamespaces;
import io.cgrouppolicy.core.status.PolicyStatusFactory;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Input;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Namespaces;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Nodes;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Workloads;
import io.cgrouppolicy.testing.Children;
import io.cgrouppolicy.testing.Policies;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.LimitRangeSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Everything that the operator computes from a policy, without a cluster.
public final class PolicyPipeline {
  private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
  private static final int MAX_STATUS = 64 << 10;
  private static final CompiledPolicy OTHER =
      Policies.compiled("other", Policies.BASELINE + ", priority: -7");
  private static final CompiledPolicy AUDIT = Policies.compiled("audit", Policies.ALL);

  private final CompiledPolicy policy;
  private final PolicyBook book;

  private PolicyPipeline(CompiledPolicy policy) {
    this.policy = policy;
    this.book =
        new PolicyBook(
            List.of(policy, OTHER, AUDIT), new SystemNamespaces(Glob.of(List.of("kube-*"))));
  }

  /// Runs all of it, and checks what holds for any policy.
  ///
  /// @return whether the policy is valid
  public static boolean check(JsonNode spec) {
    var json = JsonNodeFactory.instance.objectNode();
    json.put("apiVersion", "cgroup-policy.io/v1alpha1").put("kind", "CgroupPolicy");
    json.putObject("metadata")
        .put("name", "p")
        .put("uid", "uid-p")
        .put("generation", 1)
        .put("creationTimestamp", "2026-01-01T00:00:00Z");
    json.set("spec", spec);
    var policy = CompiledPolicy.of(Serialization.unmarshal(json.toString(), CgroupPolicy.class));
    for (var problem : policy.problems()) {
      assertThat(problem.field()).startsWith("spec");
      assertThat(problem.message()).isNotBlank();
    }
    new PolicyPipeline(policy).run();
    return policy.valid();
  }

  private void run() {
    book.select("kube-system", Map.of("label1", "a"));
    var namespace = policy.valid() ? namespace() : null;
    var pods = policy.judgesPods() ? judge() : null;
    var nodes = policy.valid() && policy.spec().nodes() != null;
    var node = nodes ? decide() : NodeMemory.EMPTY;
    var unsafe =
        nodes
            ? KubeletLinter.lint(
                Reservations.resolve(policy.spec().nodes().kubelet(), NodeSize.NOMINAL),
                NodeFacts.smallestCapacity(PipelineInputs.NODES))
            : List.<Problem>of();
    if (nodes) {
      var kubelet = policy.spec().nodes().kubelet();
      for (var platform : Platform.values()) {
        RemedyCheck.check(
            KubeletRemedy.render("p", kubelet, platform, PipelineInputs.NODES.subList(0, 15)),
            settings(kubelet));
      }
    }
    var neighbours =
        NeighbourRules.verdict(
            policy, PipelineInputs.PODS, pod -> true, pod -> OptionalLong.of(Long.MAX_VALUE));
    var names = PipelineInputs.NODES.stream().map(NodeFacts::name).toList();
    for (var trouble : new Trouble[] {null, new Trouble("Rejected", "x\n".repeat(5000))}) {
      var status =
          PolicyStatusFactory.create(
              new Input(
                  policy,
                  null,
                  policy.valid()
                      ? new Namespaces(names, name -> namespace, Map.of())
                      : Namespaces.NONE,
                  nodes
                      ? new Nodes(
                          names,
                          name -> node.verdicts().get("p"),
                          name -> node.pressure().get("p"),
                          null,
                          unsafe)
                      : Nodes.NONE,
                  pods == null
                      ? Workloads.NONE
                      : new Workloads(name -> pods, name -> neighbours, null),
                  trouble,
                  null,
                  NOW));
      check(status.status());
    }
  }

  private void check(CgroupPolicyStatus status) {
    var json = Serialization.asJson(status);
    assertThat(json.getBytes(StandardCharsets.UTF_8).length)
        .as("bytes of the status")
        .isLessThanOrEqualTo(MAX_STATUS);
    assertThat(Serialization.unmarshal(json, CgroupPolicyStatus.class)).isEqualTo(status);
    for (var condition : status.conditions()) {
      assertThat(condition.getReason()).matches("[A-Z][A-Za-z]*");
      PlainText.check(condition.getMessage());
    }
    for (var violation : status.violations()) {
      PlainText.check(violation.message());
      PlainText.check(violation.expected());
      PlainText.check(violation.actual());
    }
    assertThat(status.conditions())
        .anySatisfy(
            condition -> {
              assertThat(condition.getType()).isEqualTo("Ready");
              assertThat(condition.getReason().equals("InvalidSpec")).isEqualTo(!policy.valid());
            });
  }

  /// The verdict on a namespace that has nothing yet, in which another client changes everything.
  private NamespaceVerdict namespace() {
    var decider = new NamespaceDecider(Duration.ofMinutes(1), NOW.minusSeconds(3600));
    var selection = new PolicyBook.Selection(List.of(policy), List.of());
    var nothing = new Observed(null, Map.of(), List.of(), Set.of());
    var view =
        new NamespaceView(
            Children.NAMESPACE,
            Map.of(),
            NOW.minusSeconds(3600),
            book,
            selection,
            nothing,
            null,
            ignored -> PodSafety.Safe);
    var decision = decider.decide(view, NamespaceRecord.NONE, NOW);
    if (!(decision instanceof Write write)) {
      assertThat(policy.children()).isEmpty();
      return ((Outcome) decision).verdicts().get("p");
    }
    var done = view.with(applied());
    var settled = decider.written(done, write, NamespaceRecord.NONE, NOW);
    assertThat(decider.decide(done, NamespaceRecord.NONE.with(settled), NOW))
        .as("nothing to write after a write")
        .isNotInstanceOf(Write.class);
    var changed = view.with(changed());
    var record = NamespaceRecord.NONE.with(settled);
    var revert = decider.decide(changed, record, NOW);
    if (revert instanceof Write again) {
      return decider
          .failed(
              changed,
              again,
              record,
              NamespaceDecider.Failure.Refused,
              new Trouble("Rejected", HostileTexts.ALL.get(12).repeat(100)),
              NOW)
          .verdicts()
          .get("p");
    }
    return settled.verdicts().get("p");
  }

  private Observed applied() {
    var quotas = new TreeMap<String, ResourceQuota>();
    policy.resourceQuotas().keySet().forEach(q -> quotas.put(q, Children.namedQuota(q, policy)));
    var owners = policy.orphans() ? new CompiledPolicy[0] : new CompiledPolicy[] {policy};
    policy
        .resourceQuotas()
        .keySet()
        .forEach(name -> quotas.put(name, Children.namedQuota(name, policy, owners)));
    return new Observed(
        policy.limitRange() == null ? null : Children.limitRange(policy, owners),
        quotas,
        List.of(),
        Set.copyOf(quotas.keySet()));
  }

  private Observed changed() {
    var before = applied();
    LimitRange limitRange = before.limitRange();
    if (limitRange != null) {
      limitRange.setSpec(new LimitRangeSpec(List.of()));
      limitRange.getMetadata().getLabels();
    }
    before
        .resourceQuotas()
        .values()
        .forEach(
            quota ->
                quota.setSpec(
                    quota.getSpec().edit().withHard(Map.of("x", new Quantity("1"))).build()));
    return new Observed(
        limitRange,
        before.resourceQuotas(),
        List.of(Children.foreign("foreign", "1")),
        before.overdueQuotas());
  }

  private WorkloadVerdict judge() {
    var preview =
        policy.previews()
            ? new Preview(policy, new Surroundings(policy.limitRange(), List.of()))
                .judge(PipelineInputs.PODS, Workload::of)
            : null;
    var findings = new ArrayList<WorkloadFinding>();
    if (preview != null) {
      preview.belowUsage().forEach(found -> findings.add(rejected(found.text())));
      preview.rollouts().forEach(found -> findings.add(rejected(found.text())));
    }
    return WorkloadJudge.judge(
        policy,
        PipelineInputs.PODS,
        Workload::of,
        preview == null
            ? List.of()
            : List.of(
                (pod, workload) ->
                    preview.findings().stream()
                        .filter(found -> found.pod() == pod)
                        .map(Preview.PreviewFinding::finding)
                        .toList()),
        findings,
        preview == null ? WorkloadVerdict.Preview.NONE : preview.totals());
  }

  private static WorkloadFinding rejected(String text) {
    return new WorkloadFinding(
        "Namespace", Children.NAMESPACE, Finding.of(Check.WouldReject, "room", "none", text));
  }

  private NodeMemory decide() {
    var configuration = new Reading<>(new Answer.Usable<>(PipelineInputs.CONFIGURATION), NOW, NOW);
    var pressure = new Reading<>(new Answer.Usable<>(PipelineInputs.SUMMARY), NOW, NOW);
    var seen =
        new ObservedNode(
            PipelineInputs.NODES.getFirst(), configuration, pressure, null, Platform.UPSTREAM);
    return NodeDecider.decide(List.of(policy), seen, NodeMemory.EMPTY, NOW).memory();
  }

  private static Set<String> settings(KubeletSpec kubelet) {
    var settings = new TreeSet<>(NodesRules.OWN_FIELDS);
    settings.addAll(List.of("apiVersion", "kind", "serializeImagePulls"));
    if (kubelet != null && kubelet.config() != null) {
      settings.addAll(RemedyCheck.names(kubelet.config()));
    }
    if (kubelet != null && kubelet.configBounds() != null) {
      kubelet.configBounds().forEach(bound -> settings.add(bound.field().split("[.]")[0]));
    }
    return settings;
  }
}
