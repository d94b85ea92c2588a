package io.cgrouppolicy.cli.recommend;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.pods.PodFacts;
import io.cgrouppolicy.core.pods.PodReader;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecommenderTest {
  private static final String LIMITED =
      "{requests: {cpu: 200m, memory: 256Mi}, limits: {memory: 512Mi}}";

  private static String quota(Recommendation found) {
    return found.quota().values().stream()
        .map(figure -> figure.value().toString())
        .toList()
        .toString();
  }

  private static String defaultMemory(Recommendation found) {
    return found.limits().defaultMemory().value().toString();
  }

  @Test
  void withoutMetricsTheDefaultIsLikeWhatOthersDeclare() {
    var found =
        new Scene()
            .deployment("shop", "web", 2, LIMITED)
            .deployment("search", "indexer", 1, "{}")
            .recommend();
    assertThat(defaultMemory(found)).isEqualTo("512Mi");
    assertThat(found.limits().defaultMemory().why())
        .isEqualTo("No metrics: 95 % of the 2 limits that containers declare are at most 512Mi.");
    assertThat(found.limits().requestCpu().value()).hasToString("250m");
    assertThat(found.limits().requestMemory().value()).hasToString("256Mi");
    assertThat(found.limits().maxMemory().value()).hasToString("768Mi");
    assertThat(found.notes())
        .containsExactly(
            "What 1 container without a memory limit uses is unknown: one that uses more than the"
                + " default is OOM-killed once its pod is recreated.");
    assertThat(found.whole()).isTrue();
    assertThat(found.wouldChange()).isEqualTo(1);
  }

  @Test
  void withNothingDeclaredTheFiguresAreThoseOfTheBaseline() {
    var found = new Scene().deployment("shop", "web", 1, "{}").recommend();
    assertThat(defaultMemory(found)).isEqualTo("512Mi");
    assertThat(found.limits().requestCpu().value()).hasToString("100m");
    assertThat(found.limits().requestMemory().value()).hasToString("128Mi");
    assertThat(found.limits().maxMemory()).isNull();
    assertThat(found.limits().defaultMemory().why()).contains("the figure of the preset baseline");
  }

  /// Kubernetes rejects a pod whose request is above its limit.
  @Test
  void theDefaultIsNotBelowARequestWithoutALimit() {
    var found =
        new Scene()
            .deployment("search", "indexer", 2, "{requests: {cpu: 100m, memory: 1Gi}}")
            .deployment("shop", "web", 2, LIMITED)
            .recommend();
    assertThat(defaultMemory(found)).isEqualTo("1Gi");
    assertThat(found.limits().defaultMemory().why())
        .startsWith("search/indexer, container app, requests 1Gi and has no limit");
    assertThat(found.whole()).isTrue();
  }

  @Test
  void theDefaultIsAboveThePeakOfEveryContainerWithoutALimit() {
    var found =
        new Scene()
            .deployment("shop", "web", 1, "{}")
            .deployment("shop", "cache", 1, "{}")
            .deployment("shop", "limited", 1, LIMITED)
            .used("shop", "web-5d4f8c7b9-bcdfb", "app", "310Mi", "60Mi", "30m")
            .used("shop", "cache-5d4f8c7b9-bcdfb", "app", "200Mi", "190Mi", "300m")
            .used("shop", "limited-5d4f8c7b9-bcdfb", "app", "500Mi", "500Mi", "3")
            .recommend();
    assertThat(defaultMemory(found)).isEqualTo("512Mi");
    assertThat(found.limits().defaultMemory().why())
        .isEqualTo(
            "shop/web, container app, used up to 310Mi without a limit: 403Mi with head-room.");
    assertThat(found.limits().requestMemory().value()).hasToString("64Mi");
    assertThat(found.limits().requestCpu().value()).hasToString("50m");
    assertThat(found.limits().requestCpu().why())
        .isEqualTo(
            "Half of the containers without a request (2) use at most 30m, 95 % of the time.");
    assertThat(found.notes()).isEmpty();
  }

  /// The pods of last week are gone, but the pod of today is like them.
  @Test
  void thePeakOfPodsThatAreGoneCounts() {
    var found =
        new Scene()
            .deployment("shop", "web", 1, "{}")
            .used("shop", "web-5d4f8c7b9-bcdfb", "app", "100Mi", "50Mi", "10m")
            .used("shop", "web-7f6d8bc94f-x2x4z", "app", "900Mi", "50Mi", "10m")
            .used("shop", "web-admin-7f6d8bc94f-x2x4z", "app", "9Gi", "50Mi", "10m")
            .used("other", "web-7f6d8bc94f-x2x4z", "app", "8Gi", "50Mi", "10m")
            .used("shop", "web-0", "app", "7Gi", "50Mi", "10m")
            .recommend();
    assertThat(found.limits().defaultMemory().why()).contains("used up to 900Mi");
  }

  @Test
  void aContainerThatUsesFarMoreThanOthersIsNamed() {
    var found =
        new Scene()
            .deployment("shop", "web", 1, "{}")
            .deployment("batch", "train", 1, "{}")
            .used("shop", "web-5d4f8c7b9-bcdfb", "app", "100Mi", "50Mi", "10m")
            .used("batch", "train-5d4f8c7b9-bcdfb", "app", "6Gi", "5Gi", "10m")
            .recommend();
    assertThat(defaultMemory(found)).isEqualTo("8Gi");
    assertThat(found.limits().defaultMemory().why())
        .isEqualTo(
            "batch/train, container app, used up to 6Gi without a limit: 7.8Gi with head-room. The"
                + " next, shop/web, container app, needs 130Mi: give train a limit of its own, and"
                + " this can be 192Mi.");
  }

  @Test
  void theDefaultIsNoHigherThanTheLimitOfAPod() {
    var found =
        new Scene()
            .deployment("shop", "web", 2, LIMITED)
            .pod(
                "shop",
                "small",
                null,
                "resources: {limits: {memory: 200Mi}, requests: {cpu: 1, memory: 200Mi}},"
                    + " containers: [{name: app}]")
            .recommend();
    assertThat(found.limits().defaultMemory().value()).hasToString("200Mi");
    assertThat(found.limits().defaultMemory().why()).contains("the pod limit of shop/small");
    assertThat(found.limits().requestMemory().value()).hasToString("200Mi");
    assertThat(found.whole()).as("%s", found.rejected()).isTrue();
  }

  @Test
  void theQuotaFitsTheLargestNamespaceAndItsRollouts() {
    var found =
        new Scene()
            .deployment("shop", "web", 8, LIMITED)
            .deployment("search", "indexer", 4, LIMITED)
            .recommend();
    // 10 pods with the surge: 2000m, 2560Mi, 5Gi; then 30 % more
    assertThat(quota(found)).isEqualTo("[3, 4Gi, 8Gi, 15]");
    assertThat(found.quota().get("requests.cpu").why())
        .isEqualTo("shop needs 2, with its largest rollout, the most of all; plus 30 %.");
    assertThat(found.notes()).isEmpty();
  }

  @Test
  void aNamespaceThatNeedsFarMoreIsNamed() {
    var scene =
        new Scene()
            .deployment("shop", "web", 1, LIMITED)
            .deployment("search", "indexer", 1, LIMITED)
            .deployment(
                "batch", "train", 20, "{requests: {cpu: 2, memory: 4Gi}, limits: {memory: 4Gi}}");
    var found = scene.recommend();
    assertThat(found.notes())
        .containsExactly(
            "batch needs more than four times as much as the next namespace, and every namespace"
                + " gets this quota. For smaller quotas, take two policies: kubectl cgp recommend"
                + " --exclude batch, and kubectl cgp recommend -n batch.");
    assertThat(found.quota().get("requests.cpu").why())
        .isEqualTo(
            "batch needs 50, with its largest rollout, the most of all; plus 30 %. Without batch: 1.");
    var others = scene.recommend(new Choices("others", 30, 95, List.of(), List.of("bat*")));
    assertThat(others.quota().get("requests.cpu").value()).hasToString("1");
    assertThat(others.policy().getSpec().namespaces().exclude()).containsExactly("bat*");
  }

  /// Otherwise a single contradiction would keep all namespaces without limits.
  @Test
  void aNamespaceWhoseLimitRangeContradictsIsLeftOut() {
    var scene =
        new Scene()
            .deployment("shop", "web", 2, LIMITED)
            .deployment("legacy", "tiny", 1, "{}")
            .limitRange(
                "legacy",
                "{type: Container, max: {memory: 64Mi}, default: {memory: 64Mi},"
                    + " defaultRequest: {memory: 64Mi}}");
    var found = scene.recommend();
    assertThat(found.leftOut()).containsOnlyKeys("legacy");
    assertThat(found.leftOut().get("legacy").getFirst()).contains("maximum memory usage");
    assertThat(found.policy().getSpec().namespaces().exclude()).containsExactly("legacy");
    assertThat(found.rejected()).isEmpty();
    assertThat(found.whole()).isFalse();

    var named = scene.recommend(Scene.choices("legacy", "shop"));
    assertThat(named.rejected()).containsOnlyKeys("legacy");
    assertThat(named.leftOut()).isEmpty();
    assertThat(named.whole()).isFalse();
  }

  @Test
  void systemNamespacesDoNotCount() {
    var found =
        new Scene()
            .deployment("kube-system", "dns", 20, "{limits: {memory: 64Gi}}")
            .deployment("shop", "web", 1, LIMITED)
            .recommend();
    assertThat(found.limits().maxMemory().value()).hasToString("768Mi");
    assertThat(found.pods()).isEqualTo(1);
  }

  @Test
  void aStaticPodGetsNoDefaults() {
    var shape =
        PodReader.shape(
            Serialization.unmarshal(
                "containers: [{name: app, resources: {requests: {memory: 8Gi}}}]", PodSpec.class));
    var mirror = new PodFacts("shop", "static", "uid", "1", "node", null, shape, 1, true, false);
    var found = new Scene().deployment("shop", "web", 1, LIMITED).add(mirror, null).recommend();
    assertThat(defaultMemory(found)).isEqualTo("512Mi");
    assertThat(found.quota().get("requests.memory").value()).as("it counts").hasToString("12Gi");
  }

  @Test
  void anInitContainerAndSidecarCount() {
    var found =
        new Scene()
            .pod(
                "shop",
                "a",
                null,
                "initContainers: [{name: setup, resources: {requests: {memory: 2Gi}}},"
                    + " {name: proxy, restartPolicy: Always}], containers: [{name: app}]")
            .recommend();
    assertThat(defaultMemory(found)).isEqualTo("2Gi");
    assertThat(found.limits().defaultMemory().why()).startsWith("shop/a, container setup,");
    assertThat(found.quota().get("limits.memory").why())
        .isEqualTo("shop needs 4Gi, with its largest rollout; plus 30 %.");
  }
}
