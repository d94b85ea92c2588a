package io.cgrouppolicy.controller;

import io.cgrouppolicy.compliance.ComplianceIndex;
import io.cgrouppolicy.compliance.NamespaceVerdict;
import io.cgrouppolicy.compliance.WorkloadVerdict;
import io.cgrouppolicy.controller.policy.PolicyWaker;
import io.cgrouppolicy.kubelet.NodeVerdict;
import io.cgrouppolicy.kubelet.PressureVerdict;
import io.cgrouppolicy.workload.NeighbourVerdict;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.InstantSource;

/// Makes the pure parts known to the container, which they know nothing of.
class Wiring {
  @Produces
  @Singleton
  ComplianceIndex<NamespaceVerdict> namespaces(PolicyWaker waker) {
    return new ComplianceIndex<>(waker::wake);
  }

  @Produces
  @Singleton
  ComplianceIndex<NodeVerdict> nodes(PolicyWaker waker) {
    return new ComplianceIndex<>(waker::wake);
  }

  @Produces
  @Singleton
  ComplianceIndex<PressureVerdict> pressure(PolicyWaker waker) {
    return new ComplianceIndex<>(waker::wake);
  }

  @Produces
  @Singleton
  ComplianceIndex<WorkloadVerdict> workloads(PolicyWaker waker) {
    return new ComplianceIndex<>(waker::wake);
  }

  @Produces
  @Singleton
  ComplianceIndex<NeighbourVerdict> neighbours(PolicyWaker waker) {
    return new ComplianceIndex<>(waker::wake);
  }

  @Produces
  @Singleton
  InstantSource clock() {
    return InstantSource.system();
  }
}
