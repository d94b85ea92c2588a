package io.cgrouppolicy.testing;

import io.cgrouppolicy.core.admission.Preview;
import io.cgrouppolicy.core.admission.Preview.Result;
import io.cgrouppolicy.core.admission.Preview.Surroundings;
import io.cgrouppolicy.core.pods.PodFacts;
import io.cgrouppolicy.core.pods.Workload;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import java.util.Collection;
import java.util.function.Function;

/// Previews without a cache.
public final class Previews {
  private Previews() {}

  public static Result of(
      Collection<PodFacts> pods,
      CompiledPolicy policy,
      Surroundings surroundings,
      Function<PodFacts, Workload> workloads) {
    return new Preview(policy, surroundings).judge(pods, workloads);
  }
}
