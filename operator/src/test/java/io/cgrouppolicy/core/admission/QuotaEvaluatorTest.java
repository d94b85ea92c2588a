package io.cgrouppolicy.core.admission;

import static io.cgrouppolicy.core.admission.Samples.container;
import static io.cgrouppolicy.core.admission.Samples.main;
import static io.cgrouppolicy.core.admission.Samples.pod;
import static io.cgrouppolicy.core.admission.Samples.quota;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.pods.ContainerShape.Role;
import io.cgrouppolicy.core.pods.PodShape;
import io.fabric8.kubernetes.api.model.ResourceQuotaSpecBuilder;
import io.fabric8.kubernetes.api.model.ScopedResourceSelectorRequirement;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuotaEvaluatorTest {
  private static QuotaEvaluator evaluator(String hard, String... scopes) {
    return new QuotaEvaluator("cgroup-policy", quota(hard, scopes));
  }

  private static ResourceList used(String text) {
    return ResourceList.of(Samples.resources(text));
  }

  private static String rejection(QuotaEvaluator quota, PodShape pod, String used) {
    return quota.rejection(pod, used(used)).map(Rejection::text).orElse("");
  }

  @Test
  void countsAllPodResources() {
    var quota =
        evaluator(
            "pods=9,count/pods=9,cpu=9,requests.cpu=9,limits.cpu=9,requests.ephemeral-storage=9Gi,"
                + "hugepages-2Mi=9Mi,requests.hugepages-2Mi=9Mi,requests.nvidia.com/gpu=9,"
                + "configmaps=9,requests.storage=9");
    var pod =
        pod(
            main(
                "cpu=1,ephemeral-storage=1Gi,hugepages-2Mi=2Mi,nvidia.com/gpu=1",
                "cpu=2,hugepages-2Mi=2Mi,nvidia.com/gpu=1"));
    assertThat(quota.usage(pod))
        .hasToString(
            "count/pods=1,cpu=1,hugepages-2Mi=2Mi,limits.cpu=2,pods=1,requests.cpu=1,"
                + "requests.ephemeral-storage=1Gi,requests.hugepages-2Mi=2Mi,"
                + "requests.nvidia.com/gpu=1");
  }

  @Test
  void initContainersCountWhereTheyNeedMore() {
    var quota = evaluator("limits.memory=9Gi");
    var sidecar = container("proxy", Role.SIDECAR, "", "memory=1Gi");
    var init = container("init", Role.INIT, "", "memory=4Gi");
    assertThat(quota.usage(pod(sidecar, init, main("", "memory=1Gi"))))
        .hasToString("limits.memory=5Gi");
    assertThat(quota.usage(pod(init, sidecar, main("", "memory=1Gi"))))
        .hasToString("limits.memory=4Gi");
  }

  /// Overhead adds to requests, and to existing limits.
  @Test
  void countsOverheadAndThePodLevel() {
    var quota =
        evaluator("requests.cpu=9,limits.cpu=9,requests.memory=9Gi,limits.memory=9Gi,pods=1");
    assertThat(
            quota.usage(
                pod("memory=2Gi", "memory=3Gi", "cpu=250m,memory=1Gi", main("memory=1Gi", ""))))
        .hasToString("limits.memory=4Gi,pods=1,requests.cpu=250m,requests.memory=3Gi");
  }

  @Test
  void whatIsCountedMustBeSet() {
    var quota = evaluator("limits.memory=1Gi,requests.cpu=1,limits.ephemeral-storage=1Gi,pods=2");
    var init = container("init", Role.INIT, "cpu=0", "");
    assertThat(rejection(quota, pod(init, main("", "")), ""))
        .isEqualTo(
            "failed quota: cgroup-policy: must specify limits.memory for: app,init; requests.cpu"
                + " for: app");
    // With pod-level resources, containers need not set anything.
    assertThat(rejection(quota, pod("cpu=1", "", "", main("", "")), "")).isEmpty();
  }

  @Test
  void namesExceededKeys() {
    var quota = evaluator("limits.memory=1Gi,pods=9");
    assertThat(rejection(quota, pod(main("", "memory=1024Mi")), "limits.memory=1Gi,pods=1"))
        .isEqualTo(
            "exceeded quota: cgroup-policy, requested: limits.memory=1Gi, used: limits.memory=1Gi,"
                + " limited: limits.memory=1Gi");
  }

  @Test
  void whatAPodDoesNotUseMayBeExceeded() {
    var quota = evaluator("limits.memory=1Gi,pods=9");
    assertThat(rejection(quota, pod(main("", "memory=0")), "limits.memory=2Gi,pods=1")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "Terminating, '', true, false, true",
    "Terminating, '', false, false, false",
    "NotTerminating, '', false, false, true",
    "PriorityClass, high, false, false, true",
    "PriorityClass, '', false, false, false",
    "CrossNamespacePodAffinity, '', false, true, true",
    "CrossNamespacePodAffinity, '', false, false, false",
    "VolumeAttributesClass, '', false, false, false",
  })
  void isOnlyAboutItsScope(
      String scope, String priorityClass, boolean deadline, boolean affinity, boolean matches) {
    assertThat(evaluator("pods=1", scope).matches(pod(priorityClass, deadline, affinity)))
        .isEqualTo(matches);
  }

  @ParameterizedTest
  @CsvSource({
    "In, high, true",
    "In, low, false",
    "In, '', false",
    "NotIn, high, false",
    "NotIn, low, true",
    "NotIn, '', true",
    "Exists, low, true",
    "DoesNotExist, low, false",
    "DoesNotExist, '', true",
  })
  void selectsByPriorityClass(String operator, String priorityClass, boolean matches) {
    var values = operator.endsWith("In") ? List.of("high") : List.<String>of();
    var spec =
        new ResourceQuotaSpecBuilder(quota("pods=1"))
            .withNewScopeSelector()
            .withMatchExpressions(
                new ScopedResourceSelectorRequirement(operator, "PriorityClass", values))
            .endScopeSelector()
            .build();
    assertThat(new QuotaEvaluator("q", spec).matches(pod(priorityClass, false, false)))
        .isEqualTo(matches);
  }

  /// Zero counts as unset, and pod-level resources override those of containers.
  @Test
  void recognizesBestEffort() {
    var quota = evaluator("pods=1", "BestEffort");
    assertThat(quota.matches(pod(main("memory=0", "ephemeral-storage=1Gi")))).isTrue();
    assertThat(quota.matches(pod(main("memory=1", "")))).isFalse();
    assertThat(quota.matches(pod("memory=1", "", "", main("", "")))).isFalse();
    assertThat(quota.matches(pod("hugepages-2Mi=2Mi", "", "", main("memory=1", "")))).isTrue();
  }
}
