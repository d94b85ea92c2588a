package io.cgrouppolicy.core.kubelet.remedy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cgrouppolicy.api.v1alpha1.NodesSpec.CgroupDriver;
import io.cgrouppolicy.api.v1alpha1.NodesSpec.EnforcementLevel;
import io.cgrouppolicy.api.v1alpha1.NodesSpec.KubeletSpec;
import io.cgrouppolicy.core.kubelet.Answer;
import io.cgrouppolicy.core.kubelet.KubeletCheck;
import io.cgrouppolicy.core.kubelet.KubeletFields;
import io.cgrouppolicy.core.kubelet.Platform;
import io.cgrouppolicy.core.kubelet.Specs;
import io.cgrouppolicy.core.kubelet.judge.JudgeFixture;
import io.cgrouppolicy.core.kubelet.judge.KubeletJudge;
import io.cgrouppolicy.core.kubelet.lint.KubeletLinter;
import io.cgrouppolicy.testing.OperatorModule;
import io.fabric8.kubernetes.api.model.Quantity;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Compares the fields and the remedy with the kubelet's own types, decoding and validation, v1.36.
/// [io.cgrouppolicy.core.kubelet.lint.KubeletOracleGate] compares the linter.
class KubeletValidationIT {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private static KubeletCheck kubelet;

  @BeforeAll
  static void program() throws Exception {
    kubelet = new KubeletCheck();
  }

  @Test
  void theFieldsAreThoseOfTheKubelet() throws Exception {
    assertThat(
            OperatorModule.RESOURCES
                .resolve("io/cgrouppolicy/core/kubelet")
                .resolve(KubeletFields.SOURCE))
        .as("as kubeletcheck fields prints them")
        .hasContent(kubelet.fields());
  }

  @Test
  void takesTheRemedy() throws Exception {
    var dropIns = new ArrayList<JsonNode>();
    for (var golden : List.of("design", "compressible", "nested")) {
      dropIns.add(
          Specs.json(
              Files.readString(
                  OperatorModule.TEST_RESOURCES
                      .resolve("kubelet/remedy")
                      .resolve(golden)
                      .resolve(KubeletRemedy.DROP_IN))));
    }
    assertThat(kubelet.check(dropIns))
        .allSatisfy(
            verdict -> {
              assertThat(verdict.has("strict")).as(verdict.toString()).isFalse();
              assertThat(verdict.path("dropIn").has("refused")).as(verdict.toString()).isFalse();
            });
  }

  /// What the README says about eviction thresholds.
  @Test
  void onlyAConfigurationFileSwitchesOffTheDefaultThresholds() throws Exception {
    var some =
        Specs.json("{apiVersion: kubelet.config.k8s.io/v1beta1, kind: KubeletConfiguration}");
    ((ObjectNode) some).putObject("evictionHard").put("memory.available", "500Mi");
    var verdict = kubelet.check(List.of(some)).getFirst();
    var defaults = (ObjectNode) KubeletFields.find("evictionHard").orElseThrow().byDefault().get();
    assertThat(verdict.at("/configz/evictionHard")).isEqualTo(some.path("evictionHard"));
    assertThat(verdict.at("/dropIn/configz/evictionHard"))
        .isEqualTo(defaults.deepCopy().put("memory.available", "500Mi"));
  }

  /// Judges a kubelet with the remedy, by the kubelet's own answer: it complies with the policy.
  @Test
  void theRemedyMakesANodeComply() throws Exception {
    var random = new Random(5);
    var specs = new ArrayList<KubeletSpec>();
    while (specs.size() < 200) {
      var spec = spec(random);
      if (KubeletLinter.lint(spec, Optional.empty()).isEmpty()) {
        specs.add(spec);
      }
    }
    var dropIns = new ArrayList<JsonNode>();
    for (var spec : specs) {
      dropIns.add(
          Specs.json(
              KubeletRemedy.render("p", spec, Platform.UPSTREAM, List.of())
                  .get(KubeletRemedy.DROP_IN)));
    }
    var verdicts = kubelet.check(dropIns);
    for (int i = 0; i < specs.size(); i++) {
      assertThat(verdicts.get(i).path("dropIn").has("refused"))
          .as("%s%n%s", dropIns.get(i), verdicts.get(i))
          .isFalse();
      var answer =
          new Answer.Usable<>(
              Specs.config(verdicts.get(i).path("dropIn").path("configz").toString()));
      var judgement =
          KubeletJudge.judge(
              JudgeFixture.asking(specs.get(i)), JudgeFixture.NODE, answer, Platform.UPSTREAM);
      assertThat(judgement.findings()).as("%s%n%s", specs.get(i), dropIns.get(i)).isEmpty();
    }
  }

  // ---- generating specs ----

  private static final List<EnforcementLevel> LEVELS = List.of(EnforcementLevel.values());
  private static final List<String> CGROUPS =
      List.of("", "/system.slice", "/runtime.slice", "/kube.slice");
  private static final List<Map<String, Quantity>> AMOUNTS =
      List.of(
          Map.of("cpu", new Quantity("500m"), "memory", new Quantity("1Gi")),
          Map.of("pid", new Quantity("1000"), "ephemeral-storage", new Quantity("1Gi")),
          Map.of(),
          Map.of("nvidia.com/gpu", new Quantity("1")));

  /// Fields of `config`, each with values that a kubelet accepts and values that it rejects.
  private static final Map<String, List<Object>> FIELDS = new TreeMap<>();

  static {
    FIELDS.put("cgroupsPerQOS", List.of(true, false, "no"));
    FIELDS.put("reservedSystemCPUs", List.of("", "0-1", "0,2-3", "3-1", "a"));
    FIELDS.put("maxPods", List.of(110, 0, -1, "110", 2.5, 3_000_000_000L));
    FIELDS.put("podsPerCore", List.of(0, 10, -1));
    FIELDS.put("oomScoreAdj", List.of(-999, -1001, 1000, 1001));
    FIELDS.put("port", List.of(10250, 0, 65536, -1));
    FIELDS.put("healthzPort", List.of(0, 10248, 70000));
    FIELDS.put("readOnlyPort", List.of(0, 10255, 70000));
    FIELDS.put("eventBurst", List.of(0, 100, -1));
    FIELDS.put("eventRecordQPS", List.of(0, 50, -1));
    FIELDS.put("kubeAPIQPS", List.of(0, 50, -1));
    FIELDS.put("kubeAPIBurst", List.of(0, 50, -1));
    FIELDS.put("registryBurst", List.of(0, 10, -1));
    FIELDS.put("registryPullQPS", List.of(0, 10, -1));
    FIELDS.put("nodeLeaseDurationSeconds", List.of(0, 40, -1));
    FIELDS.put("nodeStatusMaxImages", List.of(-1, 50, -2));
    FIELDS.put("maxOpenFiles", List.of(0, 1000, -1));
    FIELDS.put("maxParallelImagePulls", List.of(1, 5, 0));
    FIELDS.put("serializeImagePulls", List.of(true, false));
    FIELDS.put("imageGCHighThresholdPercent", List.of(85, 100, 101, 80, 79));
    FIELDS.put("imageGCLowThresholdPercent", List.of(80, 85, -1, 0));
    FIELDS.put("imageMaximumGCAge", List.of("0s", "24h", "1m", "-1s", "2m"));
    FIELDS.put("imageMinimumGCAge", List.of("0s", "30s", "-1s"));
    FIELDS.put("iptablesDropBit", List.of(15, 32));
    FIELDS.put("iptablesMasqueradeBit", List.of(14, -1));
    FIELDS.put("cpuCFSQuotaPeriod", List.of("100ms", "5ms", "999us", "1s", "2s"));
    FIELDS.put("containerLogMaxFiles", List.of(2, 1, 5));
    FIELDS.put("containerLogMaxWorkers", List.of(1, 0));
    FIELDS.put("containerLogMonitorInterval", List.of("3s", "2s", "10s", "0s"));
    FIELDS.put("memoryThrottlingFactor", List.of(0.9, 1, 0, 1.1));
    FIELDS.put("memoryReservationPolicy", List.of("None", "Some", ""));
    FIELDS.put("topologyManagerPolicy", List.of("none", "restricted", "", "strict"));
    FIELDS.put("topologyManagerScope", List.of("pod", "node"));
    FIELDS.put("hairpinMode", List.of("none", "hairpin-veth", "hairpin"));
    FIELDS.put("runOnce", List.of(false, true));
    FIELDS.put("enableSystemLogQuery", List.of(true, false));
    FIELDS.put("enableSystemLogHandler", List.of(true, false));
    FIELDS.put("systemCgroups", List.of("", "/system"));
    FIELDS.put("cgroupRoot", List.of("", "/"));
    FIELDS.put(
        "podLogsDir", List.of("/var/log/pods", "var/log", "/var//log", "/var/../log", "/lög"));
    FIELDS.put("shutdownGracePeriod", List.of("0s", "30s", "500ms"));
    FIELDS.put("shutdownGracePeriodCriticalPods", List.of("0s", "10s", "1m", "500ms"));
    FIELDS.put("imagePullCredentialsVerificationPolicy", List.of("NeverVerify", "Maybe"));
    FIELDS.put("evictionPressureTransitionPeriod", List.of("5m", "5 minutes", "1.5h", 5));
    FIELDS.put("podPidLimit", List.of(4096));
    FIELDS.put("MaxPods", List.of(110));
    FIELDS.put("crashLoopBackOff.maxContainerRestartPeriod", List.of("5m", "1s", "999ms", "301s"));
    FIELDS.put("memorySwap.swapBehavior", List.of("NoSwap", "LimitedSwap", "UnlimitedSwap"));
    FIELDS.put("userNamespaces.idsPerPod", List.of(65536, 131072, 1000, 70000));
    FIELDS.put("authentication.anonymous.enabled", List.of(true, "yes"));
    FIELDS.put("authentication.anonymous.enable", List.of(true));
    FIELDS.put(
        "evictionHard", List.of(Map.of("memory.available", "500Mi", "nodefs.available", "10%")));
    FIELDS.put("evictionHard#signal", List.of(Map.of("memory.free", "1Gi")));
    for (var threshold : List.of("0%", "100%", "101%", "5", "0", "-5%", "x%", "1.5%", "1 Gi", "")) {
      FIELDS.put("evictionHard#" + threshold, List.of(Map.of("pid.available", threshold)));
      FIELDS.put(
          "evictionMinimumReclaim#" + threshold, List.of(Map.of("nodefs.available", threshold)));
    }
    FIELDS.put(
        "evictionSoft",
        List.of(Map.of("memory.available", "1Gi"), Map.of("memory.available", "0%")));
    FIELDS.put(
        "evictionSoftGracePeriod",
        List.of(
            Map.of("memory.available", "30s"),
            Map.of("memory.available", "30"),
            Map.of("memory.available", "-1s")));
  }

  private static KubeletSpec spec(Random random) {
    var config = JSON.objectNode();
    var names = List.copyOf(FIELDS.keySet());
    for (int i = random.nextInt(4); i > 0; i--) {
      var name = names.get(random.nextInt(names.size()));
      // The first values are valid, so that most fields are.
      var values = FIELDS.get(name);
      put(config, name, values.get(random.nextInt(5) < 4 ? 0 : random.nextInt(values.size())));
    }
    return new KubeletSpec(
        random.nextBoolean() ? CgroupDriver.systemd : null,
        levels(random),
        random.nextInt(10) == 0 ? AMOUNTS.get(3) : AMOUNTS.get(random.nextInt(3)),
        null,
        random.nextInt(6) == 0 ? null : CGROUPS.get(random.nextInt(4) == 0 ? 0 : 1),
        random.nextBoolean() ? AMOUNTS.get(random.nextInt(3)) : null,
        null,
        random.nextInt(4) == 0 ? null : CGROUPS.get(2),
        random.nextBoolean() ? 4096L : null,
        config.isEmpty() ? null : config,
        null);
  }

  private static List<EnforcementLevel> levels(Random random) {
    if (random.nextInt(5) == 0) {
      return null;
    }
    var levels = new ArrayList<EnforcementLevel>();
    levels.add(EnforcementLevel.pods);
    for (int i = random.nextInt(3); i > 0; i--) {
      levels.add(LEVELS.get(random.nextInt(LEVELS.size())));
    }
    return levels;
  }

  private static void put(ObjectNode config, String field, Object value) {
    var names = field.split("#", 2)[0].split("\\.");
    var object = config;
    for (int i = 0; i < names.length - 1; i++) {
      object = object.withObjectProperty(names[i]);
    }
    object.set(names[names.length - 1], Specs.node(value));
  }
}
