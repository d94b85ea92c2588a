package io.cgrouppolicy.cli.recommend;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyTextTest {
  private static Scene scene() {
    return new Scene()
        .deployment(
            "shop", "web", 2, "{requests: {cpu: 200m, memory: 256Mi}, limits: {memory: 512Mi}}")
        .deployment("search", "indexer", 1, "{}")
        .used("search", "indexer-5d4f8c7b9-bcdfb", "app", "310Mi", "60Mi", "30m");
  }

  @Test
  void explainsEachFigure() {
    assertThat(PolicyText.of(scene().recommend(), List.of("the owners of pods: Forbidden")))
        .isEqualTo(
            """
            # Recommended by kubectl cgp recommend, from 3 pods in 2 namespaces, all but system namespaces.
            # Usage: test. Head-room: 30 %.
            # It would reject no pod of these, by the operator's own preview. 1 of 3 pods would get a default
            # when next created.
            # Not looked at: the owners of pods: Forbidden
            # Not counted: CronJobs between their runs, what an autoscaler may add, and rollouts of several
            # workloads at the same time. Head-room is for those.
            # Next: kubectl apply -f this file. It only reports: see kubectl describe cgp recommended. To put
            # the limits in place, set mode: Enforce. With rollout: WhenSafe, a namespace gets them only while
            # no running pod would be rejected. Running pods stay as they are.
            apiVersion: cgroup-policy.io/v1alpha1
            kind: CgroupPolicy
            metadata:
              name: recommended
            spec:
              mode: Audit
              rollout: WhenSafe
              namespaces:
                selector: {}
                limitRange:
                  limits:
                    - type: Container
                      # No CPU limit: it would throttle pods on idle nodes, too.
                      default:
                        # search/indexer, container app, used up to 310Mi without a limit: 403Mi with head-room.
                        memory: 512Mi
                      defaultRequest:
                        # Half of the containers without a request (1) use at most 30m, 95 % of the time.
                        cpu: 50m
                        # Half of the containers without a request (1) use at most 60Mi, 95 % of the time.
                        memory: 64Mi
                      max:
                        # shop/web, container app, has the largest limit: 512Mi; plus 30 %.
                        memory: 768Mi
                resourceQuota:
                  hard:
                    # shop needs 600m, with its largest rollout, the most of all; plus 30 %.
                    requests.cpu: "1"
                    # shop needs 768Mi, with its largest rollout, the most of all; plus 30 %.
                    requests.memory: 1Gi
                    # shop needs 1.5Gi, with its largest rollout, the most of all; plus 30 %.
                    limits.memory: 2Gi
                    # shop needs 3, with its largest rollout, the most of all; plus 30 %.
                    pods: "10"
            """);
  }

  private static CgroupPolicy printed(Recommendation found) {
    return Serialization.unmarshal(PolicyText.of(found, List.of()), CgroupPolicy.class);
  }

  @Test
  void selectsNamespacesByName() {
    for (var names : List.of(List.of("shop"), List.of("shop", "search"))) {
      var found = scene().recommend(Scene.choices(names.toArray(String[]::new)));
      assertThat(printed(found).getSpec()).isEqualTo(found.policy().getSpec());
      assertThat(printed(found).getSpec().priority()).isEqualTo(100);
    }
  }

  /// Names that YAML reads as something else than text.
  @ParameterizedTest
  @ValueSource(strings = {"123", "1e3", "true", "null", "0x1f", "on", "1-2", "a-b", "12m", "1e"})
  void quotesNames(String name) {
    var found = scene().recommend(new Choices(name, 30, 95, List.of(), List.of(name, "*-x", "?")));
    assertThat(printed(found).getMetadata().getName()).isEqualTo(name);
    assertThat(printed(found).getSpec()).isEqualTo(found.policy().getSpec());
  }

  @Test
  void saysWhatWouldBeRejected() {
    var found =
        scene()
            .limitRange("search", "{type: Container, max: {memory: 64Mi}, default: {memory: 64Mi}}")
            .recommend(Scene.choices("shop", "search"));
    assertThat(PolicyText.of(found, List.of()).replaceAll("\n# *", " "))
        .contains("IT WOULD REJECT PODS THAT RUN TODAY")
        .contains("namespace search, where pods would be rejected:")
        .contains("maximum memory usage per Container is 64Mi, but limit is 512Mi")
        .doesNotContain("It would reject no pod");
  }

  @Test
  void saysWhatIsLeftOut() {
    var found =
        scene()
            .limitRange("search", "{type: Container, max: {memory: 64Mi}, default: {memory: 64Mi}}")
            .recommend();
    assertThat(PolicyText.of(found, List.of()).replaceAll("\n# *", " "))
        .contains("It would reject no pod of these")
        .contains("Left out: namespace search, where something would be rejected:")
        .contains("exclude: [search]");
  }
}
