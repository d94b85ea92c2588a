package io.cgrouppolicy.shell.pods;

import io.cgrouppolicy.core.admission.PodPreview;
import io.cgrouppolicy.core.admission.PodReview;
import io.cgrouppolicy.core.check.WorkloadFinding;
import io.cgrouppolicy.core.pods.PodFacts;
import io.cgrouppolicy.core.pods.WorkloadVerdict;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Judges the pods of a namespace for one policy, with what is known of their owners.
@ApplicationScoped
class PodJudge {
  private final Previewer previewer;
  private final OwnerResolver owners;

  PodJudge(Previewer previewer, OwnerResolver owners) {
    this.previewer = previewer;
    this.owners = owners;
  }

  /// @param open the workloads that may turn out to have an owner
  record Judged(WorkloadVerdict verdict, Set<Named> open) {
    boolean isOpen(WorkloadFinding found) {
      return open.contains(new Named(found.kind(), found.name()));
    }
  }

  record Named(String kind, String name) {}

  /// @param rejections the findings about pods that the policy's objects reject
  Judged judge(
      CompiledPolicy policy,
      String namespace,
      Collection<PodFacts> pods,
      List<WorkloadFinding> rejections) {
    var others = new ArrayList<>(rejections);
    PodPreview preview = null;
    if (policy.previews()) {
      others.addAll(previewer.storage(policy, namespace));
      if (!pods.isEmpty()) {
        preview = previewer.preview(policy, namespace, pods).preview();
      }
    }
    var due = new HashMap<Named, PodFacts>();
    var open = new HashSet<Named>();
    var verdict =
        PodReview.judge(
            policy,
            namespace,
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
            preview,
            others,
            policy.resourceQuotas().isEmpty() ? Map.of() : previewer.quotas(namespace));
    lookUpOwners(policy, verdict, due);
    return new Judged(verdict, open);
  }

  /// Looks up the owners that findings name, or all of them for a policy with a quota, which must
  /// have room for the surge of each Deployment.
  private void lookUpOwners(
      CompiledPolicy policy, WorkloadVerdict verdict, Map<Named, PodFacts> due) {
    if (due.isEmpty()) {
      return;
    }
    if (!policy.resourceQuotas().isEmpty()) {
      due.values().forEach(owners::lookUp);
      return;
    }
    for (var found : verdict.findings()) {
      var pod = due.get(new Named(found.kind(), found.name()));
      if (pod != null) {
        owners.lookUp(pod);
      }
    }
  }
}
