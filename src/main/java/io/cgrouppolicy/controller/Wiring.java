package io.cgrouppolicy.controller;

import io.cgrouppolicy.compliance.ComplianceIndex;
import io.cgrouppolicy.controller.policy.PolicyWaker;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.InstantSource;

/// Makes the pure parts known to the container, which they know nothing of.
class Wiring {
  @Produces
  @Singleton
  ComplianceIndex index(PolicyWaker waker) {
    return new ComplianceIndex(waker::wake);
  }

  @Produces
  @Singleton
  InstantSource clock() {
    return InstantSource.system();
  }
}
