package io.cgrouppolicy.cli.recommend;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.cli.recommend.Usage.ContainerId;
import io.cgrouppolicy.core.admission.LimitRanger;
import io.cgrouppolicy.core.admission.Preview;
import io.cgrouppolicy.core.admission.Preview.Surroundings;
import io.cgrouppolicy.core.limits.Quantities;
import io.cgrouppolicy.core.pods.PodFacts;
import io.cgrouppolicy.core.pods.PodShape;
import io.cgrouppolicy.core.pods.Workload;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.testing.PodShapes;
import io.cgrouppolicy.testing.RandomPods;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Whatever runs, the preview of the recommended policy, as printed, finds nothing rejected; where
/// that is impossible, the recommendation says so.
class RandomRecommendationsTest {
  private static final List<String> LIMIT_RANGES =
      List.of(
          "",
          "",
          "",
          "{type: Container, default: {memory: 1Gi}, defaultRequest: {memory: 1Gi}}",
          "{type: Container, max: {memory: 2Gi}, default: {memory: 2Gi}, defaultRequest: {memory: 1}}",
          "{type: Container, min: {cpu: 1m}, defaultRequest: {cpu: 1m}}",
          "{type: Pod, max: {memory: 3Gi}}");

  private final Random random = new Random(20261130);
  private final RandomPods pods = new RandomPods(20261130);
  private int whole;
  private int partial;
  private int impossible;

  @Test
  void nothingThatRunsIsRejected() {
    for (int i = 0; i < 400; i++) {
      check(i);
    }
    assertThat(whole).isGreaterThan(100);
    assertThat(partial).isGreaterThan(20);
    assertThat(whole + partial).isGreaterThan(4 * impossible);
  }

  private void check(int round) {
    var scene = new Scene();
    var usage = new HashMap<ContainerId, ContainerUsage>();
    for (int n = 1 + random.nextInt(4); n > 0; n--) {
      namespace(scene, "ns-" + n, usage, round % 2 == 0);
    }
    var snapshot = scene.snapshot();
    if (snapshot.namespaces().stream().allMatch(namespace -> namespace.pods().isEmpty())) {
      return;
    }
    var choices = new Choices("r", random.nextInt(60), 95, List.of(), List.of());
    var known = round % 3 == 0 ? Usage.none("none") : Usage.window("test", usage);
    var found = Recommender.of(snapshot, known, choices, Scene.SYSTEM);
    var printed = PolicyText.of(found, List.of());
    var policy = Serialization.unmarshal(printed, CgroupPolicy.class);
    assertThat(policy.getSpec()).as(printed).isEqualTo(found.policy().getSpec());
    policy.getMetadata().setUid("");
    var compiled = CompiledPolicy.of(policy);
    for (var namespace : snapshot.namespaces()) {
      if (!compiled.selects(namespace.name(), namespace.labels(), false)) {
        assertThat(found.leftOut()).containsKey(namespace.name());
        continue;
      }
      var preview = new Preview(compiled, Surroundings.of(namespace.objects()));
      var result = preview.judge(namespace.pods(), snapshot.workloads());
      assertThat(result.safe())
          .as("%s in round %d: %s %s", namespace.name(), round, printed, result)
          .isEqualTo(!found.rejected().containsKey(namespace.name()));
    }
    count(found);
    defaultsAreAboveUsage(
        found, known, snapshot.namespaces().stream().flatMap(n -> n.pods().stream()).toList());
  }

  private void count(Recommendation found) {
    if (!found.rejected().isEmpty()) {
      impossible++;
      assertThat(found.rejected()).as("all that are left").hasSize(found.namespaces());
    } else if (found.leftOut().isEmpty()) {
      whole++;
    } else {
      partial++;
    }
  }

  private static void defaultsAreAboveUsage(Recommendation found, Usage usage, List<PodFacts> all) {
    if (!found.rejected().isEmpty()) {
      return;
    }
    var limit = Quantities.number(found.limits().defaultMemory().value());
    all.stream()
        .filter(pod -> !pod.mirror() && !pod.terminating())
        .filter(pod -> !found.leftOut().containsKey(pod.namespace()))
        .flatMap(pod -> ContainerNeed.of(pod, Workload.of(pod), usage))
        .filter(container -> container.unlimited("memory") && container.usage() != null)
        .forEach(
            container -> assertThat(container.usage().memoryPeak()).isLessThanOrEqualTo(limit));
  }

  private void namespace(
      Scene scene, String name, Map<ContainerId, ContainerUsage> usage, boolean simple) {
    var item = simple ? "" : LIMIT_RANGES.get(random.nextInt(LIMIT_RANGES.size()));
    if (!item.isEmpty()) {
      scene.limitRange(name, item);
    }
    var others =
        scene.snapshot().namespaces().stream()
            .filter(namespace -> namespace.name().equals(name))
            .flatMap(namespace -> namespace.objects().foreignLimitRanges().values().stream())
            .toList();
    var ranger = new LimitRanger(others);
    for (int n = random.nextInt(6); n > 0; n--) {
      var pod = pods.pod(List.of("none"), List.of("high"));
      if (simple) {
        pod.getSpec().setResources(null);
      }
      var admitted = ranger.admit(PodShapes.of(pod));
      if (admitted.rejections().isEmpty()) {
        var surge = List.of("0", "25%", "100%", "3").get(random.nextInt(4));
        replicas(scene, name, "w" + n, surge, admitted.stored(), usage);
      }
    }
  }

  private void replicas(
      Scene scene,
      String namespace,
      String name,
      String surge,
      PodShape shape,
      Map<ContainerId, ContainerUsage> usage) {
    for (int i = 1 + random.nextInt(4); i > 0; i--) {
      var pod =
          new PodFacts(
              namespace,
              name + "-" + i,
              namespace + name + i,
              "1",
              "",
              null,
              shape,
              i,
              random.nextInt(20) == 0,
              random.nextInt(20) == 0);
      scene.add(pod, new Workload("Deployment", name, surge));
      shape
          .containers()
          .forEach(
              container -> {
                if (random.nextInt(4) > 0) {
                  var peak = BigDecimal.valueOf(random.nextInt(1 << 30));
                  usage.put(
                      new ContainerId(namespace, pod.name(), container.name()),
                      new ContainerUsage(
                          peak,
                          peak.divide(BigDecimal.TWO),
                          BigDecimal.valueOf(random.nextInt(2000), 3)));
                }
              });
    }
  }
}
