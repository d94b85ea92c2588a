package io.cgrouppolicy.core.kubelet.remedy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cgrouppolicy.core.kubelet.NodeFacts;
import io.cgrouppolicy.core.kubelet.Platform;
import io.cgrouppolicy.core.kubelet.Specs;
import io.cgrouppolicy.testing.OperatorModule;
import io.fabric8.kubernetes.api.model.Quantity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Compares the remedy with the golden files in src/test/resources/kubelet/remedy. After an
/// intended change, run this class with the environment variable UPDATE_GOLDEN=true.
class KubeletRemedyTest {
  private static final Path GOLDEN = OperatorModule.TEST_RESOURCES.resolve("kubelet/remedy");

  private static final Map<String, String> SPECS =
      Map.of(
          "design", Specs.DESIGN.replace("/kube.slice", "/runtime.slice"),
          "openshift", Specs.DESIGN + "\n",
          "compressible",
              """
              enforceNodeAllocatable: [system-reserved-compressible]
              systemReserved: {cpu: "1", memory: 2Gi, pid: "1000"}
              systemReservedCgroup: /system.slice
              """,
          "nested",
              """
              enforceNodeAllocatable: [pods, kube-reserved]
              kubeReserved: {memory: 1Gi}
              kubeReservedCgroup: /podruntime.slice/podruntime-daemons.slice
              config:
                featureGates: {MemoryQoS: true}
                evictionHard: {memory.available: 500Mi, pid.available: "5%"}
                clusterDomain: "yes"
              """,
          "unsafe",
              """
              enforceNodeAllocatable: [system-reserved]
              """,
          "sized",
              """
              enforceNodeAllocatable: [pods]
              kubeReservedFormula: {preset: EKS}
              systemReserved: {memory: 200Mi}
              podPidsLimit: 4096
              """);

  private static final List<NodeFacts> NODES =
      List.of(
          node("a", "2", "7934532Ki", "29"),
          node("b", "2", "7934528Ki", "29"),
          node("c", "8", "32Gi", "58"),
          node("d", "2", "7934540Ki", "29"),
          node("e", "2", "7934540Ki", "29"));

  private static NodeFacts node(String name, String cpu, String memory, String pods) {
    var capacity =
        Map.of(
            "cpu", new Quantity(cpu), "memory", new Quantity(memory), "pods", new Quantity(pods));
    return new NodeFacts(name, "v1.36.3", "", true, false, capacity, Map.of(), null);
  }

  @ParameterizedTest
  @ValueSource(strings = {"design", "openshift", "compressible", "nested", "unsafe", "sized"})
  void rendersTheGoldenFiles(String name) throws IOException {
    var platform = name.equals("openshift") ? Platform.OPENSHIFT : Platform.UPSTREAM;
    var files = KubeletRemedy.render("baseline", Specs.kubelet(SPECS.get(name)), platform, NODES);
    var directory = GOLDEN.resolve(name);
    if (Boolean.parseBoolean(System.getenv("UPDATE_GOLDEN"))) {
      Files.createDirectories(directory);
      for (var file : files.entrySet()) {
        Files.writeString(directory.resolve(file.getKey()), file.getValue());
      }
    }
    assertThat(files).isEqualTo(read(directory));
  }

  private static Map<String, String> read(Path directory) throws IOException {
    var files = new TreeMap<String, String>();
    try (var list = Files.list(directory)) {
      for (var file : list.collect(Collectors.toList())) {
        files.put(file.getFileName().toString(), Files.readString(file));
      }
    }
    return files;
  }

  @Test
  void everyNameCanBeAKeyOfAConfigMap() {
    var spec = Specs.kubelet("{kubeReservedCgroup: '/a\\x2db.slice', cgroupDriver: systemd}");
    assertThat(KubeletRemedy.render("p", spec, Platform.UPSTREAM, List.of()).keySet())
        .contains("a_x2db.slice")
        .allMatch(name -> name.matches("[-._a-zA-Z0-9]+"));
  }

  @Test
  void needsNoSliceForCgroupfsNorForASliceThatIsAlwaysThere() {
    for (var spec :
        List.of(
            "{kubeReservedCgroup: /runtime.slice, cgroupDriver: cgroupfs}",
            "{kubeReservedCgroup: /runtime}",
            "{systemReservedCgroup: /system.slice}")) {
      assertThat(KubeletRemedy.render("p", Specs.kubelet(spec), Platform.UPSTREAM, List.of()))
          .as(spec)
          .containsOnlyKeys(KubeletRemedy.DROP_IN, KubeletRemedy.README);
    }
  }

  @Test
  void aBoundIsMetByItsNearestValue() {
    var spec =
        Specs.kubelet(
            """
            config: {evictionHard: {pid.available: 5%}, syncFrequency: 30s}
            configBounds:
            - {field: maxPods, atMost: 250}
            - {field: evictionHard.memory.available, atLeast: 5%, atMost: 10%}
            - {field: cpuManagerPolicy, oneOf: [static, none]}
            - {field: memoryThrottlingFactor, atLeast: "0.8"}
            - {field: syncFrequency, atMost: 2m}
            """);
    var json =
        Specs.json(
            KubeletRemedy.render("p", spec, Platform.UPSTREAM, List.of())
                .get(KubeletRemedy.DROP_IN));
    ((ObjectNode) json).remove(List.of("apiVersion", "kind"));
    assertThat(json)
        .isEqualTo(
            Specs.json(
                """
                {evictionHard: {pid.available: 5%, memory.available: 5%}, syncFrequency: 30s, maxPods: 250,
                cpuManagerPolicy: static, memoryThrottlingFactor: 0.8}
                """));
  }

  @Test
  void parallelPullsAreNotSerialized() {
    for (var config :
        List.of(
            "{maxParallelImagePulls: 5}",
            "{maxParallelImagePulls: 5, serializeImagePulls: false}")) {
      var files =
          KubeletRemedy.render(
              "p", Specs.kubelet("config: " + config), Platform.UPSTREAM, List.of());
      assertThat(Specs.json(files.get(KubeletRemedy.DROP_IN)).path("serializeImagePulls"))
          .isEqualTo(Specs.json("false"));
    }
  }

  @Test
  void isEmptyIfThePolicyRequiresNothing() {
    assertThat(KubeletRemedy.render("p", null, Platform.UPSTREAM, List.of())).isEmpty();
  }

  @Test
  void excludesFieldsThatTheMachineConfigOperatorRejects() {
    var spec =
        Specs.kubelet(
            """
            cgroupDriver: systemd
            kubeReserved: {cpu: 1}
            kubeReservedCgroup: /k
            enforceNodeAllocatable: [pods, kube-reserved]
            config: {clusterDNS: [10.0.0.10], clusterDomain: x, featureGates: {A: true}, failSwapOn: false,
              memorySwap: {swapBehavior: NoSwap}, staticPodPath: /x, maxPods: 250}
            """);
    var yaml =
        KubeletRemedy.render("p", spec, Platform.OPENSHIFT, List.of()).get("kubeletconfig.yaml");
    assertThat(Specs.json(yaml).path("spec").path("kubeletConfig"))
        .isEqualTo(Specs.json("{enforceNodeAllocatable: [pods], maxPods: 250}"));
  }

  private static String readme(String config, Platform platform) {
    return KubeletRemedy.render("p", Specs.kubelet("{config: " + config + "}"), platform, List.of())
        .get("README.txt");
  }

  @Test
  void namesTheEvictionThresholdsThatAConfigurationFileWouldLose() {
    var some = "{evictionHard: {memory.available: 500Mi, nodefs.available: 10%}}";
    var lost =
        "    imagefs.available: 15%\n    imagefs.inodesFree: 5%\n    nodefs.inodesFree: 5%\n";
    assertThat(readme(some, Platform.OPENSHIFT))
        .contains("switches off the\ndefault thresholds of all other signals", lost);
    assertThat(readme(some, Platform.UPSTREAM))
        .contains("leaves the eviction thresholds of other signals as they are", lost);
    for (var config :
        List.of(
            "{maxPods: 50}",
            "{evictionHard: {memory.available: 1Gi}, mergeDefaultEvictionSettings: true}",
            "{evictionHard: {memory.available: 1Gi, nodefs.available: 10%, nodefs.inodesFree: 5%,"
                + " imagefs.available: 15%, imagefs.inodesFree: 5%}}")) {
      for (var platform : Platform.values()) {
        assertThat(readme(config, platform)).as(config).doesNotContain("threshold");
      }
    }
  }

  /// A KubeletConfig is for a whole pool: OpenShift computes reservations itself, or the largest
  /// node decides.
  @Test
  void formulasOnOpenShift() {
    var auto = Specs.kubelet("{systemReservedFormula: {preset: OpenShift}, podPidsLimit: 1}");
    var yaml = KubeletRemedy.render("p", auto, Platform.OPENSHIFT, NODES).get("kubeletconfig.yaml");
    assertThat(Specs.json(yaml).at("/spec/autoSizingReserved").asBoolean()).isTrue();
    assertThat(Specs.json(yaml).at("/spec/kubeletConfig"))
        .isEqualTo(Specs.json("{podPidsLimit: 1}"));
    var percent = Specs.kubelet("{systemReservedFormula: {resources: {memory: {percent: 10}}}}");
    yaml = KubeletRemedy.render("p", percent, Platform.OPENSHIFT, NODES).get("kubeletconfig.yaml");
    assertThat(Specs.json(yaml).path("spec").has("autoSizingReserved")).isFalse();
    assertThat(Specs.json(yaml).at("/spec/kubeletConfig/systemReserved"))
        .isEqualTo(Specs.json("{memory: 3276Mi}"));
  }

  @Test
  void thePolicysOwnMaxPodsDecides() {
    var spec = Specs.kubelet("{kubeReservedFormula: {preset: EKS}, config: {maxPods: 10}}");
    var files = KubeletRemedy.render("p", spec, Platform.UPSTREAM, NODES.subList(0, 1));
    assertThat(files.get("91-cgroup-policy-2cpu-8gi-10pods.conf")).contains("memory: \"365Mi\"");
  }

  @Test
  void sizesAreBounded() {
    var spec = Specs.kubelet("{kubeReservedFormula: {preset: EKS}}");
    var nodes =
        IntStream.rangeClosed(1, 12).mapToObj(n -> node("n" + n, "" + n, "8Gi", "29")).toList();
    var files = KubeletRemedy.render("p", spec, Platform.UPSTREAM, nodes);
    assertThat(files).hasSize(KubeletRemedy.MAX_SIZES + 2);
    assertThat(files.get("README.txt")).contains("Nodes of 2 more sizes");
  }
}
