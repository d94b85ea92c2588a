package io.cgrouppolicy.core.pods;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.pods.PodFacts.Controller;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.utils.Serialization;
import org.junit.jupiter.api.Test;

class ControllersTest {
  @Test
  void readsTheSurgeOfADeployment() {
    assertThat(surge("{}")).isEqualTo("25%");
    assertThat(surge("{type: Recreate}")).isEqualTo("0");
    assertThat(surge("{type: RollingUpdate, rollingUpdate: {maxSurge: 2}}")).isEqualTo("2");
    assertThat(surge("{type: RollingUpdate, rollingUpdate: {maxSurge: '50%'}}")).isEqualTo("50%");
  }

  private static String surge(String strategy) {
    return Controllers.surge(
        Serialization.unmarshal(
            "apiVersion: apps/v1\nkind: Deployment\nspec: {strategy: " + strategy + "}",
            Deployment.class));
  }

  @Test
  void onlyReplicaSetsAndJobsUsuallyHaveAnOwner() {
    assertThat(Controllers.isOwned(controller("apps/v1", "ReplicaSet"))).isTrue();
    assertThat(Controllers.isOwned(controller("batch/v1", "Job"))).isTrue();
    assertThat(Controllers.isOwned(controller("apps/v1", "StatefulSet"))).isFalse();
    assertThat(Controllers.isOwned(controller("example.com/v1", "Job"))).isFalse();
  }

  @Test
  void aStatefulSetHasNoSurge() {
    assertThat(Controllers.direct(controller("apps/v1", "StatefulSet")).surge()).isEqualTo("0");
    assertThat(Controllers.direct(controller("apps/v1", "ReplicaSet")).surge()).isNull();
    assertThat(Controllers.unowned(controller("apps/v1", "ReplicaSet")).surge()).isEqualTo("0");
  }

  private static Controller controller(String apiVersion, String kind) {
    return new Controller(apiVersion, kind, "x", "uid");
  }
}
