package io.cgrouppolicy.core.admission;

import static io.cgrouppolicy.core.admission.Samples.container;
import static io.cgrouppolicy.core.admission.Samples.defaults;
import static io.cgrouppolicy.core.admission.Samples.limitRange;
import static io.cgrouppolicy.core.admission.Samples.main;
import static io.cgrouppolicy.core.admission.Samples.pod;
import static io.cgrouppolicy.core.admission.Samples.resources;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.admission.LimitRanger.Admitted;
import io.cgrouppolicy.core.admission.Rejection.Kind;
import io.cgrouppolicy.core.pods.ContainerShape.Role;
import io.cgrouppolicy.core.pods.PodShape;
import io.fabric8.kubernetes.api.model.LimitRangeSpec;
import java.util.List;
import org.junit.jupiter.api.Test;

class LimitRangerTest {
  private static Admitted admit(LimitRangeSpec spec, PodShape pod) {
    return new LimitRanger(List.of(spec)).admit(pod);
  }

  private static List<String> rejections(LimitRangeSpec spec, PodShape pod) {
    return admit(spec, pod).rejections().stream().map(Rejection::toString).toList();
  }

  @Test
  void setsDefaultsForContainersAndInitContainers() {
    var admitted =
        admit(
            defaults("memory=1Gi"),
            pod(container("init", Role.INIT, "", ""), main("cpu=1", "memory=2Gi")));
    assertThat(admitted.rejections()).isEmpty();
    assertThat(admitted.stored())
        .isEqualTo(
            pod(
                container("init", Role.INIT, "memory=1Gi", "memory=1Gi"),
                main("cpu=1,memory=2Gi", "memory=2Gi")));
  }

  @Test
  void leavesEphemeralContainersOut() {
    var admitted =
        admit(
            defaults("memory=1Gi"),
            pod(main("memory=1", "memory=1"), container("debug", Role.EPHEMERAL, "", "")));
    assertThat(admitted.stored()).isEqualTo(pod(main("memory=1", "memory=1")));
  }

  /// The default request does not affect the limit, or the other way around.
  @Test
  void aDefaultLimitBelowTheRequestMakesThePodInvalid() {
    var admitted = admit(defaults("memory=512Mi"), pod(main("memory=1Gi", "")));
    assertThat(admitted.rejections())
        .containsExactly(
            new Rejection(
                Kind.INVALID,
                "container app",
                "spec.containers[0].resources.requests: Invalid value: \"1Gi\": must be less than or"
                    + " equal to memory limit of 512Mi"));
  }

  @Test
  void whatCannotBeOvercommittedNeedsALimitOfTheSameAmount() {
    assertThat(rejections(defaults("cpu=1"), pod(main("nvidia.com/gpu=1", ""))))
        .containsExactly(
            "container app: spec.containers[0].resources.limits: Required value: Limit must be set"
                + " for non overcommitable resources");
    assertThat(rejections(defaults("nvidia.com/gpu=2"), pod(main("nvidia.com/gpu=1", ""))))
        .containsExactly(
            "container app: spec.containers[0].resources.requests: Invalid value: \"1\": must be"
                + " equal to nvidia.com/gpu limit of 2");
  }

  @Test
  void hugePagesNeedWholePagesAndCpuOrMemory() {
    assertThat(rejections(defaults("hugepages-2Mi=3Mi"), pod(main("", ""))))
        .containsExactlyInAnyOrder(
            "container app: spec.containers[0].resources.limits[hugepages-2Mi]: Invalid value:"
                + " \"3Mi\": 3Mi is not positive integer multiple of hugepages-2Mi",
            "container app: spec.containers[0].resources.requests[hugepages-2Mi]: Invalid value:"
                + " \"3Mi\": 3Mi is not positive integer multiple of hugepages-2Mi",
            "container app: spec.containers[0].resources: Forbidden: HugePages require cpu or"
                + " memory");
  }

  @Test
  void boundsContainers() {
    var spec =
        limitRange(
            "Container",
            item ->
                item.withMin(resources("cpu=100m"))
                    .withMax(resources("memory=1024Mi"))
                    .withMaxLimitRequestRatio(resources("cpu=2")));
    assertThat(rejections(spec, pod(main("cpu=50m", "cpu=200m,memory=2Gi"))))
        .containsExactly(
            "container app: minimum cpu usage per Container is 100m, but request is 50m",
            "container app: maximum memory usage per Container is 1Gi, but limit is 2Gi",
            "container app: cpu max limit to request ratio per Container is 2, but provided ratio is"
                + " 4.000000");
  }

  @Test
  void aMissingValueViolatesABound() {
    var spec =
        limitRange(
            "Container", item -> item.withMin(resources("cpu=1")).withMax(resources("memory=1Gi")));
    assertThat(rejections(spec, pod(main("", ""))))
        .containsExactly(
            "container app: minimum cpu usage per Container is 1.  No request is specified",
            "container app: maximum memory usage per Container is 1Gi.  No limit is specified");
  }

  @Test
  void boundsThePodAsAWhole() {
    var spec = limitRange("Pod", item -> item.withMax(resources("memory=3Gi")));
    var sidecar = container("proxy", Role.SIDECAR, "", "memory=1Gi");
    var init = container("init", Role.INIT, "", "memory=2Gi");
    var app = main("", "memory=1Gi");
    // The init container runs next to the sidecar started before it.
    assertThat(rejections(spec, pod(sidecar, init, app))).isEmpty();
    assertThat(rejections(spec, pod(init, sidecar, app))).isEmpty();
    var large = container("init", Role.INIT, "", "memory=3Gi");
    assertThat(rejections(spec, pod(large, sidecar, app))).isEmpty();
    assertThat(rejections(spec, pod(sidecar, large, app)))
        .containsExactly("maximum memory usage per Pod is 3Gi, but limit is 4Gi");
  }

  /// Ignores overhead, and all pod-level resources except cpu and memory.
  @Test
  void thePodLevelStandsForThePod() {
    var spec = limitRange("Pod", item -> item.withMax(resources("memory=1Gi,hugepages-2Mi=2Mi")));
    var pod =
        pod(
            "",
            "memory=1Gi,hugepages-2Mi=4Mi",
            "memory=1Gi",
            main("", "memory=512Mi,hugepages-2Mi=2Mi"));
    assertThat(rejections(spec, pod)).isEmpty();
  }

  @Test
  void aDefaultMayBreakThePodLevel() {
    assertThat(rejections(defaults("memory=2Gi"), pod("", "memory=1Gi", "", main("", ""))))
        .containsExactlyInAnyOrder(
            "spec.resources.requests[memory]: Invalid value: \"1Gi\": must be greater than or equal"
                + " to aggregate container requests of 2Gi",
            "container app: spec.resources.containers[0][memory].limits: Invalid value: \"2Gi\":"
                + " must be less than or equal to pod limits of 1Gi");
  }

  /// Decoding from storage sets pod-level requests from the containers, after all checks.
  @Test
  void defaultsOfContainersReachThePodLevelWhenItIsRead() {
    var admitted = admit(defaults("memory=1Gi"), pod("", "cpu=1", "", main("", "")));
    assertThat(admitted.checked().podRequests()).isEqualTo(resources("cpu=1"));
    assertThat(admitted.stored().podRequests()).isEqualTo(resources("cpu=1,memory=1Gi"));
  }

  @Test
  void theFirstLimitRangeSetsTheDefaultAndTheFirstRejectionIsReported() {
    var max1 = limitRange("Container", item -> item.withMax(resources("memory=1Gi")));
    var max2 = limitRange("Container", item -> item.withMax(resources("memory=2Gi")));
    var admitted =
        new LimitRanger(List.of(defaults("memory=3Gi"), max2, max1, defaults("memory=1Gi")))
            .admit(pod(main("", "")));
    assertThat(admitted.rejections())
        .extracting(Rejection::text)
        .containsExactly("maximum memory usage per Container is 2Gi, but limit is 3Gi");
  }
}
