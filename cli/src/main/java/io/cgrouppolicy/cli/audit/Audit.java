package io.cgrouppolicy.cli.audit;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus;
import io.cgrouppolicy.cli.audit.Snapshot.NamespaceSnapshot;
import io.cgrouppolicy.cli.audit.Snapshot.NodeSnapshot;
import io.cgrouppolicy.core.admission.PodPreview;
import io.cgrouppolicy.core.admission.PodReview;
import io.cgrouppolicy.core.admission.Preview;
import io.cgrouppolicy.core.admission.Preview.Surroundings;
import io.cgrouppolicy.core.admission.StoragePreview;
import io.cgrouppolicy.core.check.Trouble;
import io.cgrouppolicy.core.check.WorkloadFinding;
import io.cgrouppolicy.core.kubelet.Answer;
import io.cgrouppolicy.core.kubelet.Answer.Usable;
import io.cgrouppolicy.core.kubelet.NodeFacts;
import io.cgrouppolicy.core.kubelet.Reading;
import io.cgrouppolicy.core.kubelet.judge.NodeVerdict;
import io.cgrouppolicy.core.kubelet.lint.KubeletLinter;
import io.cgrouppolicy.core.kubelet.pressure.NodeSummary;
import io.cgrouppolicy.core.kubelet.pressure.PodLimits;
import io.cgrouppolicy.core.kubelet.pressure.PressureVerdict;
import io.cgrouppolicy.core.namespace.NamespacePlanner;
import io.cgrouppolicy.core.namespace.NamespaceVerdict;
import io.cgrouppolicy.core.namespace.Step;
import io.cgrouppolicy.core.node.NodeDecider;
import io.cgrouppolicy.core.node.NodeMemory;
import io.cgrouppolicy.core.node.ObservedNode;
import io.cgrouppolicy.core.pods.NeighbourRules;
import io.cgrouppolicy.core.pods.NeighbourVerdict;
import io.cgrouppolicy.core.pods.WorkloadVerdict;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.core.policy.PolicyBook;
import io.cgrouppolicy.core.status.PolicyStatusFactory;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Input;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Namespaces;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Nodes;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Workloads;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Evaluates policies by the same functions as the operator, once, on a snapshot of a cluster.
///
/// Two things differ, because they need time: a quota that its controller has not adopted is no
/// violation, and neither is a workload whose pods were rejected in the past.
public final class Audit {
  private final PolicyBook book;
  private final Snapshot cluster;
  private final Trouble pods;
  private final Instant now;

  /// All by policy, then by namespace or node.
  private final Map<String, Map<String, NamespaceVerdict>> namespaces = new HashMap<>();

  private final Map<String, Map<String, WorkloadVerdict>> workloads = new HashMap<>();
  private final Map<String, Map<String, NeighbourVerdict>> neighbours = new HashMap<>();
  private final Map<String, Map<String, NodeVerdict>> nodes = new HashMap<>();
  private final Map<String, Map<String, PressureVerdict>> pressure = new HashMap<>();

  /// The nodes that a policy judges.
  private final Map<String, List<NodeFacts>> judged = new HashMap<>();

  private final Map<PreviewKey, Preview> previews = new HashMap<>();

  private record PreviewKey(String policy, Surroundings surroundings) {}

  private Audit(PolicyBook book, Snapshot cluster, Trouble pods, Instant now) {
    this.book = book;
    this.cluster = cluster;
    this.pods = pods;
    this.now = now;
  }

  /// @param pods why pods could not be read, or null
  /// @return the statuses by policy, in order of precedence
  public static Map<String, CgroupPolicyStatus> of(
      PolicyBook book, Snapshot cluster, Trouble pods, Instant now) {
    var audit = new Audit(book, cluster, pods, now);
    for (var namespace : cluster.namespaces()) {
      audit.namespace(namespace);
    }
    for (var node : cluster.nodes()) {
      audit.node(node);
    }
    var statuses = new LinkedHashMap<String, CgroupPolicyStatus>();
    for (var policy : book.policies()) {
      statuses.put(policy.name(), audit.status(policy));
    }
    return statuses;
  }

  /// A message without what it says of earlier looks: this is the only one.
  public static String ofOneLook(String message) {
    return message.replace("; " + NodeVerdict.NEVER, "").replace("; " + PressureVerdict.NEVER, "");
  }

  private void namespace(NamespaceSnapshot namespace) {
    var name = namespace.name();
    var selection = book.select(name, namespace.labels());
    var plan = NamespacePlanner.plan(book, selection, namespace.objects());
    for (var policy : selection.judging()) {
      var preview = preview(policy, namespace);
      boolean waits =
          policy.enforces()
              && policy.waitsUntilSafe()
              && preview != null
              && !preview.safe()
              && plan.steps().stream().anyMatch(Step::canReject);
      var findings = plan.findings().getOrDefault(policy, List.of());
      of(namespaces, policy)
          .put(
              name,
              waits
                  ? NamespaceVerdict.waiting(policy.uid(), policy.generation(), findings)
                  : new NamespaceVerdict(policy.uid(), policy.generation(), null, findings));
      if (policy.judgesPods() && pods == null) {
        of(workloads, policy)
            .put(
                name,
                PodReview.judge(
                    policy,
                    name,
                    namespace.pods(),
                    cluster.workloads(),
                    preview,
                    storage(policy, namespace),
                    namespace.objects().resourceQuotas()));
      }
    }
  }

  private PodPreview preview(CompiledPolicy policy, NamespaceSnapshot namespace) {
    if (!policy.previews() || namespace.pods().isEmpty()) {
      return null;
    }
    var surroundings = Surroundings.of(namespace.objects());
    var preview =
        previews.computeIfAbsent(
            new PreviewKey(policy.name(), surroundings), key -> new Preview(policy, surroundings));
    return PodPreview.of(preview, policy, namespace.name(), namespace.pods(), cluster.workloads());
  }

  private static List<WorkloadFinding> storage(CompiledPolicy policy, NamespaceSnapshot namespace) {
    return policy.limitsStorage()
        ? StoragePreview.of(
            policy, namespace.name(), namespace.claims(), namespace.claimTemplates())
        : List.of();
  }

  private void node(NodeSnapshot node) {
    var facts = node.facts();
    var judging = book.selectNode(facts.labels()).judging();
    var seen =
        new ObservedNode(
            facts,
            reading(node.configuration()),
            reading(node.summary()),
            node.pods().isEmpty() ? null : PodLimits.of(node.pods()),
            cluster.platform());
    var decided = NodeDecider.decide(judging, seen, NodeMemory.EMPTY, now).memory();
    for (var policy : judging) {
      judged.computeIfAbsent(policy.name(), name -> new ArrayList<>()).add(facts);
      var verdict = decided.verdicts().get(policy.name());
      if (verdict != null) {
        of(nodes, policy).put(facts.name(), verdict);
      }
      var pressing = decided.pressure().get(policy.name());
      if (pressing != null) {
        of(pressure, policy).put(facts.name(), pressing);
      }
      if (policy.judgesNeighbours() && pods == null) {
        of(neighbours, policy).put(facts.name(), neighbours(policy, node));
      }
    }
  }

  private NeighbourVerdict neighbours(CompiledPolicy policy, NodeSnapshot node) {
    var selected = of(namespaces, policy).keySet();
    var workingSets =
        node.summary() instanceof Usable<NodeSummary>(var given)
            ? given.workingSets()
            : Map.<String, Long>of();
    return NeighbourRules.verdict(
        policy,
        node.facts().isMachine() ? node.pods() : List.of(),
        pod -> selected.contains(pod.namespace()),
        NeighbourRules.usage(workingSets));
  }

  private <T> Reading<T> reading(Answer<T> answer) {
    return answer == null
        ? null
        : new Reading<>(answer, answer instanceof Usable ? now : null, now);
  }

  private CgroupPolicyStatus status(CompiledPolicy policy) {
    var input =
        new Input(
            policy, null, namespaces(policy), nodes(policy), workloads(policy), null, null, now);
    return PolicyStatusFactory.complete(input).status();
  }

  private Namespaces namespaces(CompiledPolicy policy) {
    var verdicts = of(namespaces, policy);
    boolean overruled =
        verdicts.isEmpty()
            && cluster.namespaces().stream()
                .anyMatch(other -> book.selects(policy, other.name(), other.labels()));
    return new Namespaces(List.copyOf(verdicts.keySet()), verdicts::get, Map.of(), overruled);
  }

  private Workloads workloads(CompiledPolicy policy) {
    return new Workloads(of(workloads, policy)::get, of(neighbours, policy)::get, pods);
  }

  private Nodes nodes(CompiledPolicy policy) {
    if (!policy.valid() || policy.spec().nodes() == null) {
      return Nodes.NONE;
    }
    var selected = judged.getOrDefault(policy.name(), List.of());
    return new Nodes(
        selected.stream().map(NodeFacts::name).toList(),
        of(nodes, policy)::get,
        of(pressure, policy)::get,
        null,
        KubeletLinter.lint(
            policy.spec().nodes().kubelet(),
            selected.stream().filter(node -> node.exemption() == null).toList()),
        selected.isEmpty()
            && cluster.nodes().stream()
                .anyMatch(node -> policy.selectsNode(node.facts().labels())));
  }

  private static <T> Map<String, T> of(
      Map<String, Map<String, T>> byPolicy, CompiledPolicy policy) {
    return byPolicy.computeIfAbsent(policy.name(), name -> new HashMap<>());
  }
}
