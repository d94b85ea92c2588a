package io.cgrouppolicy.core.admission;

import static io.cgrouppolicy.core.admission.Samples.container;
import static io.cgrouppolicy.core.admission.Samples.defaults;
import static io.cgrouppolicy.core.admission.Samples.limitRange;
import static io.cgrouppolicy.core.admission.Samples.main;
import static io.cgrouppolicy.core.admission.Samples.pod;
import static io.cgrouppolicy.core.admission.Samples.quota;
import static io.cgrouppolicy.core.admission.Samples.resources;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.admission.Admission.Quota;
import io.cgrouppolicy.core.admission.SmallestChange.Raise;
import io.cgrouppolicy.core.pods.ContainerShape.Role;
import io.cgrouppolicy.core.pods.PodShape;
import io.fabric8.kubernetes.api.model.LimitRangeItemBuilder;
import io.fabric8.kubernetes.api.model.LimitRangeSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class SmallestChangeTest {
  private static Admission in(LimitRangeSpec... specs) {
    return new Admission(List.of(specs), List.of());
  }

  private static Admission containers(UnaryOperator<LimitRangeItemBuilder> item) {
    return in(limitRange("Container", item));
  }

  private static Admission pods(UnaryOperator<LimitRangeItemBuilder> item) {
    return in(limitRange("Pod", item));
  }

  private static Admission quotaOf(String hard, String used) {
    return new Admission(List.of(), List.of(Quota.of("team", quota(hard), resources(used))));
  }

  /// Such as `container app: limits.memory=1Gi`; null if none is found.
  private static List<String> change(PodShape pod, Admission admission) {
    return SmallestChange.of(pod, admission)
        .map(
            changes ->
                changes.stream()
                    .map(
                        c ->
                            c.container()
                                + ": "
                                + c.name()
                                + "="
                                + c.to()
                                + (c.free() ? " or another value" : ""))
                    .toList())
        .orElse(null);
  }

  @Test
  void anAdmittedPodNeedsNone() {
    assertThat(SmallestChange.of(pod(main("", "")), in())).isEqualTo(Optional.of(List.of()));
  }

  @Test
  void lowersALimitToTheMaximumAndTheRequestWithIt() {
    var admission = containers(item -> item.withMax(resources("memory=1Gi")));
    assertThat(change(pod(main("memory=1Gi", "memory=16Gi")), admission))
        .containsExactly("container app: limits.memory=1Gi");
    assertThat(change(pod(main("memory=8Gi", "memory=16Gi")), admission))
        .containsExactly("container app: requests.memory=1Gi", "container app: limits.memory=1Gi");
  }

  /// The API server copies the limit into a request that is unset.
  @Test
  void leavesARequestThatFollowsTheLimit() {
    var admission = containers(item -> item.withMax(resources("memory=1Gi")));
    assertThat(change(pod(main("", "memory=16Gi")), admission))
        .containsExactly("container app: limits.memory=1Gi");
  }

  @Test
  void setsALimitWhereTheDefaultIsBelowTheRequest() {
    assertThat(change(pod(main("memory=2Gi", "")), in(defaults("memory=512Mi"))))
        .containsExactly("container app: limits.memory=2Gi");
  }

  @Test
  void lowersTheRequestToo_whereTheDefaultIsBelowItAndTheMaximumAsWell() {
    var admission =
        containers(
            item -> item.withDefault(resources("memory=512Mi")).withMax(resources("memory=1Gi")));
    assertThat(change(pod(main("memory=2Gi", "")), admission))
        .containsExactly("container app: requests.memory=1Gi", "container app: limits.memory=1Gi");
  }

  @Test
  void raisesToTheMinimum() {
    var admission = containers(item -> item.withMin(resources("cpu=100m")));
    assertThat(change(pod(main("cpu=50m", "cpu=80m")), admission))
        .containsExactly("container app: requests.cpu=100m", "container app: limits.cpu=100m");
  }

  @Test
  void raisesTheRequestToTheRatioRatherThanLowerTheLimit() {
    var admission = containers(item -> item.withMaxLimitRequestRatio(resources("memory=3,cpu=2")));
    assertThat(change(pod(main("memory=100Mi,cpu=100m", "memory=1Gi,cpu=1")), admission))
        .containsExactly(
            "container app: requests.cpu=500m", "container app: requests.memory=342Mi");
  }

  @Test
  void onlyWhatIsWrongChanges() {
    var admission = containers(item -> item.withMax(resources("memory=1Gi")));
    assertThat(
            change(
                pod(
                    container("init", Role.INIT, "", "memory=2Gi"),
                    container("good", Role.MAIN, "", "memory=1Gi"),
                    container("bad", Role.MAIN, "", "memory=1025Mi")),
                admission))
        .containsExactly(
            "init container init: limits.memory=1Gi", "container bad: limits.memory=1Gi");
  }

  @Test
  void fitsThePodAsAWholeByItsLargestContainer() {
    var admission = pods(item -> item.withMax(resources("memory=3Gi")));
    assertThat(
            change(
                pod(
                    container("small", Role.MAIN, "memory=1Gi", "memory=1Gi"),
                    container("large", Role.MAIN, "memory=1Gi", "memory=4Gi")),
                admission))
        .containsExactly("container large: limits.memory=2Gi");
  }

  @Test
  void givesEachContainerItsPartWhereThePodHasNoLimit() {
    var admission = pods(item -> item.withMax(resources("memory=3Gi")));
    assertThat(
            change(
                pod(container("a", Role.MAIN, "", ""), container("b", Role.MAIN, "", "")),
                admission))
        .containsExactly("container a: limits.memory=1536Mi", "container b: limits.memory=1536Mi");
  }

  @Test
  void raisesThePodToItsMinimum() {
    var admission = pods(item -> item.withMin(resources("memory=1Gi")));
    assertThat(change(pod(main("memory=512Mi", "memory=2Gi")), admission))
        .containsExactly("container app: requests.memory=1Gi");
  }

  @Test
  void setsWhatAQuotaRequires() {
    assertThat(change(pod(main("memory=64Mi", "")), quotaOf("limits.memory=1Gi", "")))
        .containsExactly("container app: limits.memory=64Mi or another value");
    assertThat(change(pod(main("", "")), quotaOf("requests.cpu=1", "")))
        .containsExactly("container app: requests.cpu=100m or another value");
  }

  @Test
  void lowersToTheRoomInAQuota() {
    var admission = quotaOf("limits.memory=1Gi", "limits.memory=700Mi");
    assertThat(change(pod(main("memory=64Mi", "memory=512Mi")), admission))
        .containsExactly("container app: limits.memory=324Mi");
    assertThat(SmallestChange.raises(pod(main("memory=64Mi", "memory=512Mi")), admission))
        .containsExactly(
            new Raise("team", "limits.memory", new Quantity("1Gi"), new Quantity("1212Mi")));
  }

  @Test
  void onlyTheQuotaCanHelpWhereItIsFull() {
    var admission = quotaOf("pods=2", "pods=2");
    assertThat(change(pod(main("", "")), admission)).isNull();
    assertThat(SmallestChange.raises(pod(main("", "")), admission))
        .containsExactly(new Raise("team", "pods", new Quantity("2"), new Quantity("3")));
  }

  @Test
  void noQuotaHelpsAPodThatALimitRangeRejects() {
    var admission =
        new Admission(
            List.of(limitRange("Container", item -> item.withMax(resources("memory=1Gi")))),
            List.of(Quota.of("team", quota("pods=0"), resources("pods=0"))));
    assertThat(SmallestChange.raises(pod(main("", "memory=2Gi")), admission)).isEmpty();
  }

  @Test
  void requestAndLimitOfADeviceStayEqual() {
    var admission = containers(item -> item.withMax(resources("nvidia.com/gpu=1")));
    assertThat(change(pod(main("nvidia.com/gpu=2", "nvidia.com/gpu=2")), admission))
        .containsExactly(
            "container app: requests.nvidia.com/gpu=1", "container app: limits.nvidia.com/gpu=1");
  }

  @Test
  void givesUpOnImpossibleBounds() {
    var admission =
        in(
            limitRange("Container", item -> item.withMin(resources("memory=2Gi"))),
            limitRange("Container", item -> item.withMax(resources("memory=1Gi"))));
    assertThat(change(pod(main("", "memory=1Gi")), admission)).isNull();
  }

  @Test
  void leavesPodLevelResourcesAlone() {
    var admission = pods(item -> item.withMax(resources("memory=1Gi")));
    assertThat(change(pod("memory=2Gi", "memory=2Gi", "", main("", "")), admission)).isNull();
  }

  @Test
  void aRunningPodIsReadWithoutItsDefaults() {
    var running =
        Samples.defaulted(
            pod(
                main("cpu=1,memory=512Mi", "memory=512Mi"),
                container("debug", Role.EPHEMERAL, "", "")),
            main("cpu=1", ""),
            container("debug", Role.EPHEMERAL, "", ""));
    assertThat(Admission.asWritten(running)).isEqualTo(pod(main("cpu=1", "")));
  }
}
