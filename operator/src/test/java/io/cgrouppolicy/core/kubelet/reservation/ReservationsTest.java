package io.cgrouppolicy.core.kubelet.reservation;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.check.Problem;
import io.cgrouppolicy.core.kubelet.Specs;
import io.cgrouppolicy.core.kubelet.lint.KubeletLinter;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Figures are those that the clouds publish, or that their nodes report.
class ReservationsTest {
  private static NodeSize size(String cpu, String memory, long maxPods) {
    var capacity = new HashMap<String, Quantity>();
    if (cpu != null) {
      capacity.put("cpu", new Quantity(cpu));
    }
    if (memory != null) {
      capacity.put("memory", new Quantity(memory));
    }
    capacity.put("ephemeral-storage", new Quantity("100Gi"));
    return new NodeSize(capacity, maxPods);
  }

  /// The amount of a resource; null if it cannot be computed or is not reserved.
  private static String reserved(String formula, String resource, NodeSize size) {
    var spec = Specs.kubelet("{kubeReservedFormula: " + formula + "}");
    var amount = Reservations.resolve(spec, size).kubeReserved().get(resource);
    return amount == null ? null : amount.toString();
  }

  private static String preset(String name, String resource, NodeSize size) {
    return reserved("{preset: " + name + "}", resource, size);
  }

  /// 6 % of the first CPU, 1 % of the second, 0.5 % of the next two, 0.25 % of all others, as "Plan
  /// node sizes" of GKE says. A node of 2 CPUs on EKS reports 70m.
  @ParameterizedTest
  @CsvSource({
    "1, 60m",
    "2, 70m",
    "4, 80m",
    "8, 90m",
    "16, 110m",
    "32, 150m",
    "64, 230m",
    "96, 310m"
  })
  void cpuOfGke(String cpus, String reserved) {
    assertThat(preset("GKE", "cpu", size(cpus, "16Gi", 110))).isEqualTo(reserved);
    assertThat(preset("EKS", "cpu", size(cpus, "16Gi", 110))).as("EKS").isEqualTo(reserved);
  }

  /// "If the number of pods per node is beyond the default of 110, an extra 400 mCPU".
  @Test
  void manyPodsCostCpuOnGke() {
    assertThat(preset("GKE", "cpu", size("4", "16Gi", 111))).isEqualTo("480m");
    assertThat(preset("GKE", "cpu", size("4", "16Gi", 110))).isEqualTo("80m");
  }

  /// 25 % of the first 4 GiB, 20 % of the next 4, 10 % of the next 8, 6 % of the next 112, 2 %
  /// above; 255 MiB below 1 GiB. Of 150 GiB that is 9.76 GiB, in public calculators too.
  @ParameterizedTest
  @CsvSource({
    "614Mi, 255Mi",
    "1Gi, 256Mi",
    "3840Mi, 960Mi",
    "7680Mi, 1740Mi",
    "8Gi, 1843Mi",
    "16Gi, 2662Mi",
    "128Gi, 9543Mi",
    "150Gi, 9994Mi"
  })
  void memoryOfGke(String memory, String reserved) {
    assertThat(preset("GKE", "memory", size("2", memory, 110))).isEqualTo(reserved);
  }

  /// max-pods of instance types as in eni-max-pods.txt; 574Mi is what m5.large reports.
  @ParameterizedTest
  @CsvSource({
    "t3.micro, 4, 299Mi",
    "m5.large, 29, 574Mi",
    "m5.xlarge, 58, 893Mi",
    "m5.24xlarge, 737, 8362Mi"
  })
  void memoryOfEks(String type, long maxPods, String reserved) {
    assertThat(preset("EKS", "memory", size("2", "8Gi", maxPods))).as(type).isEqualTo(reserved);
    assertThat(preset("EKS", "ephemeral-storage", size("2", "8Gi", maxPods))).isEqualTo("1024Mi");
  }

  /// The table and the examples of "Node resource reservations" of AKS; 2250Mi for 110 pods is what
  /// its kubelets are started with.
  @ParameterizedTest
  @CsvSource({"1, 60m", "2, 100m", "4, 140m", "8, 180m", "16, 260m", "32, 420m", "64, 740m"})
  void cpuOfAks(String cpus, String reserved) {
    assertThat(preset("AKS", "cpu", size(cpus, "16Gi", 110))).isEqualTo(reserved);
  }

  @ParameterizedTest
  @CsvSource({"8Gi, 30, 650Mi", "4000Mi, 70, 1000Mi", "32Gi, 110, 2250Mi", "8Gi, 250, 2048Mi"})
  void memoryOfAks(String memory, long maxPods, String reserved) {
    assertThat(preset("AKS", "memory", size("4", memory, maxPods))).isEqualTo(reserved);
  }

  /// What dynamic-system-reserved-calc.sh prints.
  @ParameterizedTest
  @CsvSource({
    "2, 7934532Ki, 500m, 1024Mi",
    "4, 16Gi, 500m, 1024Mi",
    "8, 32Gi, 500m, 2048Mi",
    "38, 64Gi, 500m, 4096Mi",
    "40, 125Gi, 530m, 8192Mi",
    "41, 128Gi, 540m, 8192Mi",
    "64, 256Gi, 820m, 10240Mi",
    "128, 1Ti, 1580m, 26624Mi"
  })
  void openShift(String cpus, String memory, String cpu, String reserved) {
    var size = size(cpus, memory, 250);
    assertThat(preset("OpenShift", "cpu", size)).isEqualTo(cpu);
    assertThat(preset("OpenShift", "memory", size)).isEqualTo(reserved);
    assertThat(preset("OpenShift", "ephemeral-storage", size)).isEqualTo("1024Mi");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{percent: 5}                               | 819Mi",
        "{base: 280Mi, percent: 5}                  | 1099Mi",
        "{base: 255Mi, perPod: 11Mi}                | 1465Mi",
        "{perCore: 64Mi}                            | 256Mi",
        "{percent: 5, atLeast: 1Gi}                 | 1024Mi",
        "{percent: 50, atMost: 2Gi}                 | 2048Mi",
        "{perPod: 1Gi, atMostPercent: 25}           | 4096Mi",
        "{tiers: [{upTo: 4Gi, percent: 25}]}        | 1024Mi",
        "{tiers: [{upTo: 64Gi, percent: 25}, {percent: 1}]} | 4096Mi",
        "{base: 1500k}                              | 1Mi"
      })
  void ownFormulas(String formula, String reserved) {
    var size = size("4", "16Gi", 110);
    assertThat(reserved("{resources: {memory: " + formula + "}}", "memory", size))
        .isEqualTo(reserved);
  }

  @Test
  void anOwnFormulaReplacesThatOfThePreset() {
    var size = size("4", "16Gi", 110);
    var formula =
        "{preset: OpenShift, resources: {cpu: {perCore: 10m}, pid: {base: 1000, perPod: 10}}}";
    assertThat(reserved(formula, "cpu", size)).isEqualTo("40m");
    assertThat(reserved(formula, "pid", size)).isEqualTo("2100");
    assertThat(reserved(formula, "memory", size)).isEqualTo("1024Mi");
  }

  @Test
  void withoutTheCapacityThereIsNoFigure() {
    var unknown = size(null, null, 110);
    assertThat(preset("EKS", "cpu", unknown)).isNull();
    assertThat(preset("GKE", "memory", unknown)).isNull();
    assertThat(new NodeSize(Map.of(), 29)).hasToString("maxPods 29");
    assertThat(preset("EKS", "memory", unknown)).as("depends on pods only").isEqualTo("1465Mi");
    assertThat(reserved("{resources: {memory: {perCore: 1Mi}}}", "memory", unknown)).isNull();
  }

  @Test
  void plainQuantitiesStayAndTheLargerCounts() {
    var spec =
        Specs.kubelet(
            "{kubeReserved: {memory: 2Gi, cpu: 10m, pid: 5}, kubeReservedFormula: {preset: EKS},"
                + " podPidsLimit: 7}");
    var resolved = Reservations.resolve(spec, size("2", "8Gi", 29));
    assertThat(resolved.kubeReserved())
        .isEqualTo(
            Map.of(
                "memory", new Quantity("2Gi"),
                "cpu", new Quantity("70m"),
                "pid", new Quantity("5"),
                "ephemeral-storage", new Quantity("1Gi")));
    assertThat(resolved.kubeReservedFormula()).isNull();
    assertThat(resolved.podPidsLimit()).isEqualTo(7);
    assertThat(Reservations.resolve(null, NodeSize.NOMINAL)).isNull();
  }

  /// The linter sees the figures: enforcing without a reservation is unsafe, and so is a
  /// reservation larger than the node.
  @Test
  void theLinterJudgesTheFigures() {
    var enforced =
        "{enforceNodeAllocatable: [pods, kube-reserved], kubeReservedCgroup: /system.slice%s}";
    var capacity = size("2", "4Gi", 110).capacity();
    assertThat(lint(enforced.formatted(""), capacity)).isNotEmpty();
    assertThat(lint(enforced.formatted(", kubeReservedFormula: {preset: EKS}"), capacity))
        .isEqualTo(lint(enforced.formatted(", kubeReserved: {memory: 1Gi}"), capacity));
    assertThat(lint("{kubeReservedFormula: {resources: {memory: {perPod: 64Mi}}}}", capacity))
        .singleElement()
        .satisfies(problem -> assertThat(problem.toString()).contains("has 4Gi"));
  }

  private static List<Problem> lint(String kubelet, Map<String, Quantity> capacity) {
    var resolved = Reservations.resolve(Specs.kubelet(kubelet), NodeSize.of(capacity));
    return KubeletLinter.lint(resolved, Optional.of(capacity));
  }
}
