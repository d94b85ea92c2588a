package io.cgrouppolicy.shell.pods;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.pods.PodFacts;
import io.cgrouppolicy.core.pods.PodFacts.Controller;
import io.cgrouppolicy.core.pods.Workload;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Owners are looked up once, and a denied lookup is not repeated at once.
class OwnerResolverTest {
  private final List<String> lookups = new CopyOnWriteArrayList<>();
  private final List<String> resolved = new CopyOnWriteArrayList<>();
  private volatile Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private volatile boolean forbidden;
  private final OwnerResolver owners =
      new OwnerResolver(
          (namespace, controller) -> {
            lookups.add(controller.name());
            if (forbidden) {
              throw new KubernetesClientException("forbidden", 403, null);
            }
            return controller.name().startsWith("gone")
                ? Optional.empty()
                : Optional.of(
                    new OwnerReader.Found(new Workload("Deployment", "api", "25%"), true, null));
          },
          () -> now);

  @AfterEach
  void stop() {
    owners.stop(null);
  }

  private static PodFacts pod(String kind, String controller) {
    var api = kind.equals("StatefulSet") || kind.equals("ReplicaSet") ? "apps/v1" : "batch/v1";
    return new PodFacts(
        "n",
        controller + "-1",
        "u",
        "1",
        "",
        new Controller(api, kind, controller, "uid-" + controller),
        null,
        0,
        false,
        false);
  }

  @Test
  void theDirectControllerStandsInUntilTheOwnerIsKnown() {
    owners.start(resolved::add);
    var pod = pod("ReplicaSet", "api-1");
    assertThat(owners.of(pod).workload())
        .isEqualTo(new Workload("apps/v1", "ReplicaSet", "api-1", "uid-api-1", null));
    assertThat(owners.of(pod).settled()).isFalse();
    assertThat(lookups).as("looked up only on demand").isEmpty();
    owners.lookUp(pod);
    owners.lookUp(pod);
    eventually(() -> assertThat(resolved).containsExactly("n"));
    assertThat(owners.of(pod).workload().name()).isEqualTo("api");
    assertThat(owners.of(pod).settled()).isTrue();
    owners.lookUp(pod);
    assertThat(owners.of(pod("StatefulSet", "db")).settled()).as("needs no lookup").isTrue();
    assertThat(lookups).containsExactly("api-1");
  }

  @Test
  void oneDeniedLookupStopsAllOthersOfItsKind() {
    forbidden = true;
    owners.start(resolved::add);
    for (int i = 0; i < 5; i++) {
      owners.lookUp(pod("ReplicaSet", "rs-" + i));
    }
    eventually(() -> assertThat(owners.of(pod("ReplicaSet", "rs-4")).settled()).isTrue());
    assertThat(lookups).containsExactly("rs-0");
    assertThat(owners.of(pod("ReplicaSet", "rs-0")).workload().kind()).isEqualTo("ReplicaSet");
    forbidden = false;
    resolved.clear();
    now = now.plus(OwnerResolver.RETRY_DELAY).plusSeconds(1);
    eventually(() -> assertThat(resolved).as("to be reviewed again").contains("n"));
    owners.lookUp(pod("ReplicaSet", "rs-0"));
    eventually(
        () ->
            assertThat(owners.of(pod("ReplicaSet", "rs-0")).workload().kind())
                .isEqualTo("Deployment"));
  }

  @Test
  void aDeletedControllerIsNotLookedUpAgainAtOnce() {
    owners.start(resolved::add);
    var pod = pod("Job", "gone-1");
    owners.lookUp(pod);
    eventually(() -> assertThat(owners.of(pod).settled()).isTrue());
    owners.lookUp(pod);
    assertThat(owners.of(pod).due()).isFalse();
    assertThat(lookups).containsExactly("gone-1");
  }

  /// A HorizontalPodAutoscaler scales back what the quota did not admit: nothing is rejected then.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "replicas: 5|{replicas: 3}|true",
        "replicas: 3|{replicas: 3}|false",
        "replicas: 0|{replicas: 0}|false",
        "replicas: 2|{replicas: 3}|false",
        "minReadySeconds: 0|{replicas: 0}|true",
        "replicas: 1|{}|true",
        "replicas: 1|null|true",
        "replicas: 0|null|false",
      })
  void aReplicaSetLacksPodsUntilItHasWhatItWants(String spec, String status, boolean lacks) {
    assertThat(
            OwnerReader.lacksPods(
                Serialization.unmarshal(
                    "apiVersion: apps/v1\nkind: ReplicaSet\nspec: {"
                        + spec
                        + "}\nstatus: "
                        + status,
                    ReplicaSet.class)))
        .isEqualTo(lacks);
  }
}
