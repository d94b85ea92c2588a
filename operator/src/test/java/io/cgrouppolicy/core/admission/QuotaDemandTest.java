package io.cgrouppolicy.core.admission;

import static io.cgrouppolicy.core.admission.Samples.defaults;
import static io.cgrouppolicy.core.admission.Samples.facts;
import static io.cgrouppolicy.core.admission.Samples.main;
import static io.cgrouppolicy.core.admission.Samples.mirror;
import static io.cgrouppolicy.core.admission.Samples.pod;
import static io.cgrouppolicy.core.admission.Samples.terminating;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.pods.PodFacts;
import io.cgrouppolicy.core.pods.PodShape;
import io.cgrouppolicy.core.pods.Workload;
import io.fabric8.kubernetes.api.model.LimitRangeSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuotaSpecBuilder;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/// The demand is exactly what the preview admits.
class QuotaDemandTest {
  private static final LimitRangeSpec LIMIT_RANGE = defaults("cpu=100m,memory=64Mi");
  private static final List<String> RESOURCES =
      List.of("limits.memory", "pods", "requests.cpu", "requests.memory");

  private static Map<String, BigDecimal> demand(
      Function<PodFacts, Workload> workloads, PodFacts... pods) {
    return QuotaDemand.of(LIMIT_RANGE, List.of(), RESOURCES, List.of(pods), workloads);
  }

  private static Function<PodFacts, Workload> deployment(String surge) {
    return pod -> new Workload("Deployment", "web", surge);
  }

  private static Map<String, BigDecimal> amounts(String text) {
    var amounts = new TreeMap<String, BigDecimal>();
    Samples.resources(text)
        .forEach((name, quantity) -> amounts.put(name, Quantity.getAmountInBytes(quantity)));
    return amounts;
  }

  private static void assertDemand(Map<String, BigDecimal> demand, String text) {
    assertThat(demand.keySet()).isEqualTo(amounts(text).keySet());
    amounts(text)
        .forEach(
            (name, amount) -> assertThat(demand.get(name)).as(name).isEqualByComparingTo(amount));
  }

  @Test
  void countsPodsWithTheirDefaults() {
    assertDemand(
        demand(
            Workload::of,
            facts("a", pod(main("", ""))),
            facts("b", pod(main("cpu=1", "memory=1Gi")))),
        "limits.memory=1088Mi,pods=2,requests.cpu=1100m,requests.memory=1088Mi");
  }

  @Test
  void addsTheLargestSurgeOfOneWorkload() {
    var shape = pod(main("cpu=1", "memory=1Gi"));
    assertDemand(
        demand(deployment("50%"), facts("a", shape), facts("b", shape), facts("c", shape)),
        "limits.memory=5Gi,pods=5,requests.cpu=5,requests.memory=5Gi");
  }

  @Test
  void countsTerminatingAndMirrorPodsAsTheyAre() {
    assertDemand(
        demand(
            deployment("100%"),
            terminating("old", pod(main("cpu=2,memory=1Gi", "memory=1Gi"))),
            mirror("static", pod(main("", "")))),
        "limits.memory=1Gi,pods=2,requests.cpu=2,requests.memory=1Gi");
  }

  @Test
  void isZeroWithoutPods() {
    assertDemand(demand(Workload::of), "limits.memory=0,pods=0,requests.cpu=0,requests.memory=0");
  }

  /// Of random pods, the preview of a quota of this size is safe, and that of a smaller one is not.
  @Test
  void isTheLeastThatThePreviewAdmits() {
    var random = new Random(17);
    for (int i = 0; i < 300; i++) {
      var pods = new ArrayList<PodFacts>();
      int workloads = 1 + random.nextInt(3);
      for (int n = 1 + random.nextInt(8); n > 0; n--) {
        pods.add(facts(n % workloads + "-" + n, shape(random)));
      }
      var surge = List.of("0", "1", "25%", "100%").get(random.nextInt(4));
      Function<PodFacts, Workload> of =
          pod -> new Workload("Deployment", pod.name().substring(0, 1), surge);
      var demand = QuotaDemand.of(LIMIT_RANGE, List.of(), RESOURCES, pods, of);
      assertThat(safe(demand, pods, of)).as("%s of %s", demand, pods).isTrue();
      for (var resource : RESOURCES) {
        var less = new TreeMap<>(demand);
        less.merge(resource, new BigDecimal("0.001"), BigDecimal::subtract);
        assertThat(safe(less, pods, of)).as("%s of %s", less, pods).isFalse();
      }
    }
  }

  private static PodShape shape(Random random) {
    var cpu = List.of("", "cpu=1", "cpu=250m").get(random.nextInt(3));
    var memory = List.of("", "memory=1Gi", "memory=100Mi").get(random.nextInt(3));
    return pod(main(cpu, memory));
  }

  private static boolean safe(
      Map<String, BigDecimal> hard, List<PodFacts> pods, Function<PodFacts, Workload> workloads) {
    var quantities = new TreeMap<String, Quantity>();
    hard.forEach((name, amount) -> quantities.put(name, new Quantity(amount.toPlainString())));
    var quota =
        new QuotaEvaluator("q", new ResourceQuotaSpecBuilder().withHard(quantities).build());
    var rules = new ShapePreview.Rules(LIMIT_RANGE, List.of());
    var used =
        quota.sum(pods.stream().map(pod -> quota.usage(rules.of(pod.shape()).becomes())).toList());
    var rollouts = new SurgeQuotaCheck(quota, used);
    pods.forEach(
        pod ->
            rollouts.add(pod, workloads.apply(pod), quota.usage(rules.of(pod.shape()).becomes())));
    return quota.belowUsage(used).isEmpty() && rollouts.blocked().isEmpty();
  }
}
