package io.cgrouppolicy.core.admission;

import static io.cgrouppolicy.core.admission.Samples.container;
import static io.cgrouppolicy.core.admission.Samples.defaulted;
import static io.cgrouppolicy.core.admission.Samples.defaults;
import static io.cgrouppolicy.core.admission.Samples.facts;
import static io.cgrouppolicy.core.admission.Samples.limitRange;
import static io.cgrouppolicy.core.admission.Samples.main;
import static io.cgrouppolicy.core.admission.Samples.pod;
import static io.cgrouppolicy.core.admission.Samples.quota;
import static io.cgrouppolicy.core.admission.Samples.quotas;
import static io.cgrouppolicy.core.admission.Samples.resources;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.admission.Preview.PreviewFinding;
import io.cgrouppolicy.core.admission.Preview.QuotaFinding;
import io.cgrouppolicy.core.admission.Preview.Surroundings;
import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.pods.ContainerShape.Role;
import io.cgrouppolicy.core.pods.PodFacts;
import io.cgrouppolicy.core.pods.PodFinding;
import io.cgrouppolicy.core.pods.PodShape;
import io.cgrouppolicy.core.pods.Workload;
import io.cgrouppolicy.core.pods.WorkloadVerdict;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.testing.Previews;
import io.fabric8.kubernetes.api.model.LimitRangeSpec;
import io.fabric8.kubernetes.api.model.ResourceQuotaSpec;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Tests pods that got defaults from an earlier LimitRange.
class DefaultedPreviewTest {
  /// Got 512Mi by default.
  private static final PodShape PLAIN =
      defaulted(pod(main("memory=512Mi", "memory=512Mi")), main("", ""));

  /// Declares 512Mi itself.
  private static final PodShape WRITTEN = pod(main("memory=512Mi", "memory=512Mi"));

  private static Preview.Result preview(
      LimitRangeSpec wanted, ResourceQuotaSpec quota, Surroundings surroundings, PodFacts... pods) {
    var policy =
        new CompiledPolicy(
            "p", "uid", 1, "", null, List.of(), List.of(), wanted, List.of(), quotas(quota));
    return Previews.of(
        List.of(pods), policy, surroundings, pod -> new Workload("StatefulSet", "db", null));
  }

  private static Preview.Result preview(LimitRangeSpec wanted, PodFacts... pods) {
    return preview(wanted, null, new Surroundings(null, List.of()), pods);
  }

  /// The texts on a pod for a LimitRange that is in place.
  private static List<String> predates(LimitRangeSpec present, PodShape pod) {
    return preview(present, null, new Surroundings(present, List.of()), facts("a", pod))
        .findings()
        .stream()
        .map(PreviewFinding::finding)
        .filter(finding -> finding.check() == Check.PredatesLimitRange)
        .map(PodFinding::text)
        .toList();
  }

  private static LimitRangeSpec bound(String value) {
    return limitRange(
        "Container",
        item ->
            item.withMax(resources(value))
                .withDefault(resources(value))
                .withDefaultRequest(resources(value)));
  }

  @Test
  void aLoweredBoundRejectsOnlyPodsThatSetMoreThemselves() {
    var result = preview(bound("memory=256Mi"), facts("a", PLAIN), facts("b", WRITTEN));
    assertThat(result.totals()).isEqualTo(new WorkloadVerdict.Preview(1, 1));
    assertThat(result.findings()).extracting(finding -> finding.pod().name()).containsExactly("b");
  }

  @Test
  void defaultsThatAreAsTheyWereChangeNothing() {
    var result = preview(bound("memory=512Mi"), facts("a", PLAIN), facts("b", WRITTEN));
    assertThat(result.totals()).isEqualTo(WorkloadVerdict.Preview.NONE);
    assertThat(predates(bound("memory=0.5Gi"), PLAIN)).isEmpty();
  }

  @Test
  void otherDefaultsAreReported() {
    assertThat(predates(bound("memory=256Mi"), PLAIN))
        .containsExactly(
            "the LimitRange would set: container app limits.memory=256Mi instead of 512Mi,"
                + " requests.memory=256Mi instead of 512Mi");
    assertThat(predates(defaults("memory=1Gi,cpu=2"), PLAIN))
        .containsExactly(
            "the LimitRange would set: container app limits.cpu=2, limits.memory=1Gi instead of"
                + " 512Mi, requests.cpu=2, requests.memory=1Gi instead of 512Mi");
    assertThat(predates(defaults("cpu=2"), PLAIN))
        .containsExactly(
            "the LimitRange would set: container app limits.cpu=2, no limits.memory instead of"
                + " 512Mi, no requests.memory instead of 512Mi, requests.cpu=2");
  }

  /// The declared request stays, and the defaulted limit goes.
  @Test
  void explicitValuesStay() {
    var shape =
        defaulted(
            pod(
                container("setup", Role.INIT, "memory=1Gi", "memory=1Gi"),
                main("memory=128Mi", "memory=512Mi")),
            container("setup", Role.INIT, "memory=1Gi", "memory=1Gi"),
            main("memory=128Mi", ""));
    assertThat(predates(defaults("memory=256Mi"), shape))
        .containsExactly(
            "the LimitRange would set: container app limits.memory=256Mi instead of 512Mi");
  }

  @Test
  void aDefaultLimitBelowTheRequestRefuses() {
    var shape = defaulted(pod(main("memory=384Mi", "memory=512Mi")), main("memory=384Mi", ""));
    var result = preview(defaults("memory=256Mi"), facts("a", shape));
    assertThat(result.totals()).isEqualTo(new WorkloadVerdict.Preview(0, 1));
    assertThat(result.findings().getFirst().finding().text())
        .endsWith("must be less than or equal to memory limit of 256Mi");
  }

  /// Which of two LimitRanges sets the default is unpredictable, so either value is right.
  @Test
  void aDefaultOfAnyLimitRangeIsRight() {
    var both = new Surroundings(defaults("memory=1Gi"), List.of(defaults("memory=512Mi")));
    var result = preview(both.limitRange(), null, both, facts("a", PLAIN));
    assertThat(result.totals()).isEqualTo(WorkloadVerdict.Preview.NONE);
    assertThat(result.findings()).isEmpty();
    var neither = new Surroundings(defaults("memory=1Gi"), List.of(defaults("memory=2Gi")));
    assertThat(preview(neither.limitRange(), null, neither, facts("a", PLAIN)).totals())
        .isEqualTo(new WorkloadVerdict.Preview(1, 0));
  }

  /// Huge pages require memory too, which only the earlier LimitRange set.
  @Test
  void whatADefaultMadeValidIsRefusedWithoutIt() {
    var shape =
        defaulted(
            pod(main("hugepages-2Mi=2Mi,memory=512Mi", "hugepages-2Mi=2Mi,memory=512Mi")),
            main("hugepages-2Mi=2Mi", "hugepages-2Mi=2Mi"));
    assertThat(preview(defaults("ephemeral-storage=1Gi"), facts("a", shape)).totals())
        .isEqualTo(new WorkloadVerdict.Preview(0, 1));
  }

  /// A pod uses its current resources until it is replaced.
  @Test
  void aQuotaCountsWhatStays() {
    var result =
        preview(
            defaults("memory=256Mi"),
            quota("limits.memory=1Gi"),
            new Surroundings(null, List.of()),
            facts("a", PLAIN),
            facts("b", PLAIN),
            facts("c", PLAIN));
    assertThat(result.belowUsage())
        .extracting(QuotaFinding::text)
        .containsExactly(
            "the quota is below current usage: limits.memory is 1536Mi, but only 1Gi is allowed");
    assertThat(result.findings().getFirst().finding().text())
        .endsWith(
            "requested: limits.memory=256Mi, used: limits.memory=1Gi, limited: limits.memory=1Gi");
  }

  @Test
  void aQuotaCountsWhatDefaultsAdd() {
    var result =
        preview(
            defaults("memory=1Gi"),
            quota("limits.memory=2Gi"),
            new Surroundings(null, List.of()),
            facts("a", PLAIN),
            facts("b", PLAIN),
            facts("c", PLAIN));
    assertThat(result.totals()).isEqualTo(new WorkloadVerdict.Preview(0, 3));
    assertThat(
            preview(
                    defaults("memory=512Mi"),
                    quota("limits.memory=1536Mi"),
                    new Surroundings(null, List.of()),
                    facts("a", PLAIN),
                    facts("b", PLAIN),
                    facts("c", PLAIN))
                .safe())
        .isTrue();
  }

  /// The server sums the requests of containers, including defaults, into the pod's request.
  @Test
  void whatThePodLevelHasFromDefaultsGoesWithThem() {
    var shape =
        defaulted(pod("cpu=1,memory=8Gi", "memory=8Gi", "", main("cpu=1", "cpu=1")), main("", ""));
    var written = PodDefaults.withoutDefaults(shape);
    assertThat(written.podRequests()).isEqualTo(resources("memory=8Gi"));
    assertThat(written.podLimits()).isEqualTo(resources("memory=8Gi"));
    var replacement = new LimitRanger(List.of(defaults("cpu=2"))).admitReplacement(shape);
    assertThat(replacement.stored().podRequests()).isEqualTo(resources("cpu=2,memory=8Gi"));
  }

  /// Only huge pages are limited, and no container uses them.
  @Test
  void whatThePodLevelHasFromDefaultsGoesWhereOnlyHugePagesAreLimited() {
    var shape =
        defaulted(
            pod(
                "cpu=20,memory=4,hugepages-2Mi=32Mi",
                "hugepages-2Mi=32Mi",
                "",
                main("cpu=8,memory=4", "cpu=8,memory=4")),
            main("", ""));
    var written = PodDefaults.withoutDefaults(shape);
    assertThat(written.podRequests()).isEqualTo(resources("cpu=20"));
    assertThat(written.podLimits()).isEqualTo(resources("hugepages-2Mi=32Mi"));
  }

  @Test
  void whatThePodLevelSaysItselfStays() {
    var shape =
        defaulted(pod("cpu=3,memory=8Gi", "memory=8Gi", "", main("cpu=1", "cpu=1")), main("", ""));
    assertThat(PodDefaults.withoutDefaults(shape).podRequests())
        .isEqualTo(resources("cpu=3,memory=8Gi"));
  }
}
