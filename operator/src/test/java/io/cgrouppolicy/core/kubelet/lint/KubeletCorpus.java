package io.cgrouppolicy.core.kubelet.lint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cgrouppolicy.core.kubelet.KubeletFields;
import io.cgrouppolicy.core.kubelet.Specs;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/// Kubelet configurations, valid, invalid and borderline: the same in every run.
final class KubeletCorpus {
  /// Fields of which the linter says less than the kubelet.
  static final Map<String, String> EXCLUDED =
      Map.of(
          "kind", "the linter compares it, because the policy names neither kind nor version",
          "apiVersion", "the same",
          "failCgroupV1", "depends on the cgroup version of the machine",
          "singleProcessOOMKill", "depends on the cgroup version of the machine",
          "showHiddenMetricsForVersion", "must be the version before the kubelet's own");

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final int RANDOM = 2_500;

  private static final List<String> WRONG =
      List.of(
          "null",
          "true",
          "text",
          "7",
          "-1",
          "2.5",
          "[]",
          "{}",
          "[x]",
          "{x: 1}",
          "[null]",
          "[7]",
          "{x: null}",
          "[{}]",
          "[[x]]",
          "'7'");

  private static final List<Long> NUMBERS =
      List.of(
          -1001L,
          -1000L,
          -2L,
          -1L,
          0L,
          1L,
          2L,
          3L,
          31L,
          32L,
          79L,
          80L,
          85L,
          86L,
          100L,
          101L,
          1000L,
          1001L,
          65_535L,
          65_536L,
          65_537L,
          131_072L,
          1_000_000L,
          1_000_001L,
          2_147_483_647L,
          2_147_483_648L,
          4_294_901_760L,
          4_294_967_295L,
          4_294_967_296L,
          Long.MAX_VALUE);

  private static final List<String> DURATIONS =
      List.of(
          "0s",
          "0",
          "",
          "1ns",
          "999us",
          "1ms",
          "100ms",
          "500ms",
          "999ms",
          "1s",
          "1001ms",
          "2s",
          "2.999s",
          "3s",
          "1m",
          "2m",
          "2m1s",
          "5m",
          "300.0005s",
          "300.001s",
          "5m1s",
          "1h30m",
          "1.5h",
          "-1s",
          "-0s",
          "+5s",
          "5",
          "1d",
          "5 s",
          ".5s",
          "5.s",
          "s",
          "9999999h");

  private static final List<String> TEXTS =
      List.of(
          "",
          "text",
          "json",
          "none",
          "None",
          "static",
          "Static",
          "best-effort",
          "restricted",
          "single-numa-node",
          "container",
          "pod",
          "hairpin-veth",
          "promiscuous-bridge",
          "NoSwap",
          "LimitedSwap",
          "UnlimitedSwap",
          "NeverVerify",
          "NeverVerifyPreloadedImages",
          "NeverVerifyAllowlistedImages",
          "AlwaysVerify",
          "TieredReservation",
          "Webhook",
          "AlwaysAllow",
          "AlwaysDeny",
          "Watch",
          "Get",
          "Cache",
          "VersionTLS10",
          "VersionTLS13",
          "VersionTLS14",
          "NoSchedule",
          "PreferNoSchedule",
          "NoExecute",
          "noschedule",
          "pods",
          "kube-reserved",
          "system-reserved-compressible",
          "0",
          "10",
          "10Mi",
          "1.5Mi",
          "1.5M",
          "1.2345k",
          "100m",
          "-1",
          "+1",
          "1 Mi",
          "5e2",
          "5E2",
          "1Ki",
          "1ki",
          "1GB",
          ".5",
          "5.",
          "0%",
          "100%",
          "101%",
          "-5%",
          "5%",
          "5.5%",
          "+5%",
          "5%%",
          "0.0%",
          "50",
          ".%",
          "1e1%",
          "0-3,8",
          "3-1",
          "a",
          "0,1,",
          "/var/log/pods",
          "var/log",
          "/var//log",
          "/var/../log",
          "/var/log/",
          "/lög",
          "/",
          "a.b/c",
          "a/b/c",
          "-a",
          "A_b",
          "example.com/key",
          "a=b",
          "a,b",
          "*.go",
          "localhost:4317",
          "unix:///run/x",
          "dns://x",
          "http://x",
          "registry.example/*",
          "registry.example/a",
          "registry.example/a:1",
          "a*",
          "/*",
          "*",
          "registry.example:5000/a/b",
          "2026-01-01T00:00:00Z",
          "2026-01-01",
          "10.0.0.1");

  private static final List<String> KEYS =
      List.of(
          "memory.available",
          "memory.free",
          "pid.available",
          "nodefs.inodesFree",
          "allocatableMemory.available",
          "containerfs.available",
          "cpu",
          "memory",
          "pid",
          "ephemeral-storage",
          "hugepages-2Mi",
          "nvidia.com/gpu",
          "");

  /// Fields that a kubelet checks together, each with values; all combinations are tried.
  private static final List<Map<String, List<String>>> RELATIONS =
      List.of(
          Map.of(
              "enforceNodeAllocatable",
              List.of(
                  "null",
                  "[]",
                  "[pods]",
                  "[none]",
                  "[none, pods]",
                  "[pods, pods]",
                  "[podss]",
                  "[pods, kube-reserved]",
                  "[system-reserved]",
                  "[kube-reserved-compressible]",
                  "[system-reserved, system-reserved-compressible]",
                  "[kube-reserved, kube-reserved-compressible]"),
              "cgroupsPerQOS",
              List.of("null", "true", "false"),
              "systemReservedCgroup",
              List.of("null", "''", "/system.slice"),
              "kubeReservedCgroup",
              List.of("null", "/runtime"),
              "reservedSystemCPUs",
              List.of("null", "''", "0-1", "x")),
          Map.of(
              "imageGCHighThresholdPercent",
                  List.of("null", "0", "79", "80", "81", "85", "100", "101"),
              "imageGCLowThresholdPercent", List.of("null", "0", "80", "84", "85", "100", "-1")),
          Map.of(
              "imageMaximumGCAge", List.of("null", "0s", "1m", "2m", "2m1s", "1h", "-1s"),
              "imageMinimumGCAge", List.of("null", "0s", "1m", "2m", "1h", "-1s")),
          Map.of(
              "serializeImagePulls", List.of("null", "true", "false"),
              "maxParallelImagePulls", List.of("null", "0", "1", "2", "5")),
          Map.of(
              "shutdownGracePeriod", List.of("null", "0s", "500ms", "1s", "30s", "-1s"),
              "shutdownGracePeriodCriticalPods", List.of("null", "0s", "500ms", "1s", "31s", "-1s"),
              "shutdownGracePeriodByPodPriority",
                  List.of("null", "[]", "[{priority: 1, shutdownGracePeriodSeconds: 5}]"),
              "featureGates.GracefulNodeShutdown", List.of("null", "false"),
              "featureGates.GracefulNodeShutdownBasedOnPodPriority", List.of("null", "false")),
          Map.of(
              "enableSystemLogQuery", List.of("null", "true", "false"),
              "enableSystemLogHandler", List.of("null", "true", "false")),
          Map.of(
              "systemCgroups",
              List.of("null", "''", "/system"),
              "cgroupRoot",
              List.of("null", "''", "/")),
          Map.of(
              "logging.format", List.of("null", "''", "text", "json", "xml"),
              "logging.vmodule", List.of("null", "[]", "[{filePattern: a, verbosity: 1}]", "[{}]"),
              "logging.options.json.splitStream", List.of("null", "true", "false"),
              "featureGates.LoggingAlphaOptions", List.of("null", "true"),
              "featureGates.LoggingBetaOptions", List.of("null", "false")),
          Map.of(
              "logging.options.text.infoBufferSize", List.of("null", "0", "'0'", "1", "64Ki", "-1"),
              "featureGates.AllAlpha", List.of("null", "true", "false"),
              "featureGates.LoggingAlphaOptions", List.of("null", "true", "false")),
          Map.of(
              "evictionSoft",
              List.of(
                  "null",
                  "{}",
                  "{memory.available: 1Gi}",
                  "{memory.available: 0%}",
                  "{memory.available: 100%}",
                  "{memory.available: 0.0%}",
                  "{memory.available: null}"),
              "evictionSoftGracePeriod",
              List.of(
                  "null",
                  "{}",
                  "{memory.available: 30s}",
                  "{pid.available: 30s}",
                  "{memory.available: '30'}",
                  "{memory.available: -1s}",
                  "{memory.available: null}")),
          Map.of(
              "imagePullCredentialsVerificationPolicy",
              List.of("null", "''", "NeverVerify", "NeverVerifyAllowlistedImages", "Maybe"),
              "preloadedImagesVerificationAllowlist",
              List.of("null", "[]", "[registry.example/*]", "[' ']"),
              "featureGates.KubeletEnsureSecretPulledImages",
              List.of("null", "false")),
          Map.of(
              "memoryReservationPolicy", List.of("null", "''", "None", "TieredReservation"),
              "featureGates.MemoryQoS", List.of("null", "true", "false"),
              "featureGates.AllAlpha", List.of("null", "true")),
          Map.of(
              "cpuCFSQuotaPeriod", List.of("null", "100ms", "0.1s", "50ms", "2s"),
              "featureGates.CustomCPUCFSQuotaPeriod", List.of("null", "false")),
          Map.of(
              "crashLoopBackOff.maxContainerRestartPeriod", List.of("null", "1s", "5m", "6m"),
              "featureGates.KubeletCrashLoopBackOffMax", List.of("null", "false"),
              "featureGates.AllBeta", List.of("null", "true", "false")),
          Map.of(
              "serverTLSBootstrap", List.of("null", "true", "false"),
              "featureGates.RotateKubeletServerCertificate", List.of("null", "false")),
          Map.of(
              "reservedMemory",
              List.of(
                  "[{numaNode: 0, limits: {memory: 1Gi}}, {numaNode: 0, limits: {memory: 1Gi}}]",
                  "[{numaNode: 0, limits: {memory: 1Gi}}, {numaNode: 1, limits: {memory: 1Gi}}]",
                  "[{numaNode: 0, limits: {memory: 1Gi, hugepages-2Mi: 2Mi}}, {limits: {hugepages-2Mi: 2Mi}}]",
                  "[{numaNode: 0, limits: {memory: 0}}]",
                  "[{numaNode: 0, limits: {cpu: 1}}]",
                  "[{numaNode: 0}]")),
          Map.of("tlsCurvePreferences", List.of("[23, 24]", "[23, 23]", "[1]", "[4588, 29]")),
          Map.of(
              "registerWithTaints",
              List.of(
                  "[{key: a, effect: NoSchedule}]",
                  "[{key: a}]",
                  "[{effect: NoSchedule}]",
                  "[{key: a, value: '-'}]",
                  "[{key: a, timeAdded: '2026-01-01T00:00:00Z'}]",
                  "[{key: a, effect: NoSchedule}, {key: a, effect: NoSchedule}]")));

  private KubeletCorpus() {}

  static List<ObjectNode> all() {
    var singles = new ArrayList<ObjectNode>();
    fields()
        .forEach(
            (path, type) ->
                values(type).forEach(value -> singles.add(with(JSON.objectNode(), path, value))));
    var all = new LinkedHashSet<ObjectNode>(singles);
    misspelled(all);
    KubeletFields.gates()
        .keySet()
        .forEach(
            gate -> {
              all.add(with(JSON.objectNode(), "featureGates." + gate, Specs.json("true")));
              all.add(with(JSON.objectNode(), "featureGates." + gate, Specs.json("false")));
            });
    RELATIONS.forEach(
        relation ->
            combine(List.copyOf(new TreeMap<>(relation).entrySet()), JSON.objectNode(), all));
    random(singles, all);
    all.forEach(
        configuration ->
            configuration
                .put("apiVersion", KubeletDropIn.API_VERSION)
                .put("kind", KubeletDropIn.KIND));
    return List.copyOf(all);
  }

  private static Map<String, String> fields() {
    var fields = new TreeMap<String, String>();
    collect("", fields);
    return fields;
  }

  private static void collect(String path, Map<String, String> fields) {
    for (var name : KubeletFields.members(path)) {
      var member = path.isEmpty() ? name : path + "." + name;
      if (EXCLUDED.containsKey(member)) {
        continue;
      }
      for (var at = member; KubeletFields.find(at).isPresent(); at += "[]") {
        fields.put(at, KubeletFields.find(at).get().type());
        if (!at.equals(member)) {
          collect(at, fields);
        }
      }
      collect(member, fields);
    }
  }

  private static Set<JsonNode> values(String type) {
    var values = new LinkedHashSet<JsonNode>();
    WRONG.forEach(value -> values.add(Specs.json(value)));
    switch (type) {
      case "int32", "int64", "uint32", "float64", "any", "quantity" ->
          NUMBERS.forEach(number -> values.add(JSON.numberNode(number)));
      case "string" -> TEXTS.forEach(text -> values.add(JSON.textNode(text)));
      default -> {}
    }
    if (Set.of("duration", "any").contains(type)) {
      DURATIONS.forEach(text -> values.add(JSON.textNode(text)));
    }
    if (Set.of("quantity", "time").contains(type)) {
      TEXTS.forEach(text -> values.add(JSON.textNode(text)));
    }
    if (type.equals("map")) {
      KEYS.forEach(
          key ->
              Stream.of("100Mi", "5%", "30s", "", "1")
                  .forEach(value -> values.add(JSON.objectNode().put(key, value))));
    }
    if (type.equals("float64")) {
      Stream.of(0.9, 1.0, 1.1, 0.0001).forEach(number -> values.add(JSON.numberNode(number)));
    }
    return values;
  }

  /// Names in the wrong case or with a letter too many.
  private static void misspelled(Set<ObjectNode> all) {
    fields()
        .forEach(
            (path, type) -> {
              int last = path.lastIndexOf('.') + 1;
              var name = path.substring(last);
              if (name.equals("*") || name.endsWith("[]")) {
                return;
              }
              for (var wrong :
                  List.of(
                      Character.toUpperCase(name.charAt(0)) + name.substring(1),
                      name.toLowerCase(),
                      name.toUpperCase(),
                      name + "s")) {
                if (!wrong.equals(name)) {
                  all.add(
                      with(JSON.objectNode(), path.substring(0, last) + wrong, Specs.json("7")));
                }
              }
            });
  }

  private static void combine(
      List<Map.Entry<String, List<String>>> fields, ObjectNode sofar, Set<ObjectNode> all) {
    if (fields.isEmpty()) {
      all.add(sofar);
      return;
    }
    for (var value : fields.getFirst().getValue()) {
      var next = sofar.deepCopy();
      if (!value.equals("null")) {
        with(next, fields.getFirst().getKey(), Specs.json(value));
      }
      combine(fields.subList(1, fields.size()), next, all);
    }
  }

  private static void random(List<ObjectNode> singles, Set<ObjectNode> all) {
    var random = new Random(36);
    for (int i = 0; i < RANDOM; i++) {
      var configuration = JSON.objectNode();
      for (int n = 2 + random.nextInt(3); n > 0; n--) {
        configuration.setAll(singles.get(random.nextInt(singles.size())).deepCopy());
      }
      all.add(configuration);
    }
  }

  /// Sets the value at a path; a list in it has one element, a map the key that most maps allow.
  private static ObjectNode with(ObjectNode root, String path, JsonNode value) {
    JsonNode at = root;
    var parts = path.replace("[]", ".[]").split("\\.");
    for (int i = 0; i < parts.length; i++) {
      boolean end = i == parts.length - 1;
      JsonNode next =
          end ? value : parts[i + 1].equals("[]") ? JSON.arrayNode() : JSON.objectNode();
      if (at instanceof ArrayNode list) {
        list.add(next);
      } else {
        var key = parts[i].equals("*") ? key(path) : parts[i];
        if (!end && at.has(key)) {
          next = at.get(key);
        }
        ((ObjectNode) at).set(key, next);
      }
      at = next;
    }
    return root;
  }

  private static String key(String path) {
    return path.startsWith("eviction") ? "memory.available" : "memory";
  }
}
