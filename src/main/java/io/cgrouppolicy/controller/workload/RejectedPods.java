package io.cgrouppolicy.controller.workload;

import io.cgrouppolicy.compliance.WorkloadFinding;
import io.cgrouppolicy.policy.CompiledPolicy;
import io.quarkus.arc.DefaultBean;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/// The workloads whose pods the API server refuses because of a policy's objects. Whoever learns of
/// it is a bean of this type, and marks the namespace with [WorkloadReviewer#changed(String)];
/// without one, nothing is known.
public interface RejectedPods {
  /// Findings of the check RejectedByPolicy; does not block.
  List<WorkloadFinding> in(String namespace, CompiledPolicy policy);

  /// In place of a bean that knows.
  @DefaultBean
  @ApplicationScoped
  class Unknown implements RejectedPods {
    @Override
    public List<WorkloadFinding> in(String namespace, CompiledPolicy policy) {
      return List.of();
    }
  }
}
