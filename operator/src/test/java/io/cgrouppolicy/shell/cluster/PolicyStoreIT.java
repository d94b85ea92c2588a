package io.cgrouppolicy.shell.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.core.policy.PolicyBook;
import io.cgrouppolicy.core.policy.SystemNamespaces;
import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.LocalCluster;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What a replica knows whose watch died silently before it became the leader.
class PolicyStoreIT {
  @RegisterExtension final Fixture fixture = new Fixture();

  private final List<CompiledPolicy> changes = new ArrayList<>();
  private final PolicyStore store =
      new PolicyStore(
          new PolicyBook(List.of(), new SystemNamespaces(List.of())),
          (before, after) -> changes.add(after));

  private final KubernetesClient operator =
      new KubernetesClientBuilder()
          .withConfig(Config.fromKubeconfig(LocalCluster.get().operatorKubeconfig().toFile()))
          .build();

  @AfterEach
  void close() {
    operator.close();
  }

  @Test
  void aNewLeaderLearnsOfChangesThatItsWatchHasNotShown() {
    store.apply(fixture.policy("p", "mode: Audit", 128));
    var missed = fixture.policy("p", "mode: Audit", 256);
    var latest = fixture.policy("p", "mode: Audit", 512);
    store.read(operator);
    assertThat(generation()).isEqualTo(latest.getMetadata().getGeneration());

    store.apply(missed); // the watch catches up
    store.apply(latest);
    assertThat(generation()).isEqualTo(latest.getMetadata().getGeneration());
    assertThat(changes).as("the first version and the latest").hasSize(2);

    var next = fixture.policy("p", "mode: Audit", 768);
    store.apply(next);
    assertThat(generation()).isEqualTo(next.getMetadata().getGeneration());
  }

  @Test
  void aNewLeaderLearnsOfDeletions() {
    var first = fixture.policy("p", "mode: Audit", 128);
    store.apply(first);
    fixture.delete("p");
    store.read(operator);
    assertThat(store.book().policies()).isEmpty();

    store.apply(fixture.policy("p", "mode: Audit", 128));
    store.delete(first.getMetadata().getName(), first.getMetadata().getUid());
    assertThat(store.book().policies()).as("a policy of the same name").hasSize(1);
  }

  @Test
  void aNewLeaderLeavesNewPoliciesToItsWatch() {
    fixture.policy("p", "mode: Audit", 128);
    store.read(operator);
    assertThat(store.book().policies()).isEmpty();
  }

  private long generation() {
    return store.book().policies().getFirst().generation();
  }
}
