package io.cgrouppolicy.shell.pods;

import io.cgrouppolicy.core.check.WorkloadFinding;
import io.cgrouppolicy.core.pods.PodFacts;
import io.cgrouppolicy.core.pods.PodRule;
import io.cgrouppolicy.core.pods.WorkloadJudge;
import io.cgrouppolicy.core.pods.WorkloadVerdict;
import io.cgrouppolicy.core.pods.WorkloadVerdict.Preview;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Puts together what a policy says of the pods of a namespace: the pure rules, what its objects
/// would do, and whose pods they are.
@ApplicationScoped
class PodJudge {
  private final Previewer previewer;
  private final OwnerResolver owners;
  private final RejectedWorkloads rejected;

  PodJudge(Previewer previewer, OwnerResolver owners, RejectedWorkloads rejected) {
    this.previewer = previewer;
    this.owners = owners;
    this.rejected = rejected;
  }

  /// @param open the workloads of which it is not known yet whether they are topmost
  record Judged(WorkloadVerdict verdict, Set<Named> open) {
    boolean isOpen(WorkloadFinding found) {
      return open.contains(new Named(found.kind(), found.name()));
    }
  }

  record Named(String kind, String name) {}

  Judged judge(CompiledPolicy policy, String namespace, Collection<PodFacts> pods) {
    var refused = policy.previews() ? rejected.in(namespace, policy) : List.<WorkloadFinding>of();
    if (pods.isEmpty() && refused.isEmpty()) { // as most namespaces are when they get their objects
      var nothing =
          new WorkloadVerdict(
              policy.uid(), policy.generation(), 0, Map.of(), List.of(), Preview.NONE);
      return new Judged(nothing, Set.of());
    }
    var rules = new ArrayList<PodRule>();
    var others = new ArrayList<WorkloadFinding>(refused);
    var counts = Preview.NONE;
    if (policy.previews()) {
      var seen = previewer.preview(policy, namespace, pods);
      rules.add(seen.rule());
      others.addAll(seen.quota());
      counts = seen.counts();
    }
    var due = new HashMap<Named, PodFacts>();
    var open = new HashSet<Named>();
    var verdict =
        WorkloadJudge.judge(
            policy,
            pods,
            pod -> {
              var owner = owners.of(pod);
              var workload = owner.workload();
              var named = new Named(workload.kind(), workload.name());
              if (owner.due()) {
                due.put(named, pod);
              }
              if (!owner.settled()) {
                open.add(named);
              }
              return workload;
            },
            rules,
            others,
            counts);
    ask(policy, verdict, due);
    return new Judged(verdict, open);
  }

  /// Owners are looked up for what is told of pods, and for the surge that a quota must have room
  /// for.
  private void ask(CompiledPolicy policy, WorkloadVerdict verdict, Map<Named, PodFacts> due) {
    if (due.isEmpty()) {
      return;
    }
    if (policy.resourceQuota() != null) {
      due.values().forEach(owners::ask);
      return;
    }
    for (var found : verdict.findings()) {
      var pod = due.get(new Named(found.kind(), found.name()));
      if (pod != null) {
        owners.ask(pod);
      }
    }
  }
}
