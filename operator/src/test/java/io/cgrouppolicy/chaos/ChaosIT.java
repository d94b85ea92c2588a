package io.cgrouppolicy.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.EmbeddedCluster;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;

/// The short form of `make chaos`: two faults of processes or the control plane, which a seed
/// chooses, in a small scene. The others take longer.
class ChaosIT {
  @Test
  @EmbeddedCluster("starts a control plane of its own")
  void theClusterIsWhatThePoliciesSayAfterFaults() throws Exception {
    long seed = ThreadLocalRandom.current().nextInt(1_000_000);
    var faults = new ArrayList<>(ProcessFaults.all());
    faults.addAll(ControlPlaneFaults.all());
    Collections.shuffle(faults, new Random(seed));
    var chosen = faults.subList(0, 2);
    assertThat(Chaos.run(chosen, true, seed))
        .as(
            "make chaos SHORT=true SEED=%d FAULTS='%s %s'; its output says what differs",
            seed, chosen.getFirst().name(), chosen.getLast().name())
        .isTrue();
  }
}
