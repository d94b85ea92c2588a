package io.cgrouppolicy.core.kubelet.remedy;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.kubelet.Platform;
import io.cgrouppolicy.core.kubelet.Specs;
import io.cgrouppolicy.testing.OperatorModule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
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
              """);

  @ParameterizedTest
  @ValueSource(strings = {"design", "openshift", "compressible", "nested", "unsafe"})
  void rendersTheGoldenFiles(String name) throws IOException {
    var platform = name.equals("openshift") ? Platform.OPENSHIFT : Platform.UPSTREAM;
    var files = KubeletRemedy.render("baseline", Specs.kubelet(SPECS.get(name)), platform);
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
    assertThat(KubeletRemedy.render("p", spec, Platform.UPSTREAM).keySet())
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
      assertThat(KubeletRemedy.render("p", Specs.kubelet(spec), Platform.UPSTREAM))
          .as(spec)
          .containsOnlyKeys(KubeletRemedy.DROP_IN, KubeletRemedy.README);
    }
  }

  @Test
  void isNothingWhereNothingIsAsked() {
    assertThat(KubeletRemedy.render("p", null, Platform.UPSTREAM)).isEmpty();
  }

  @Test
  void leavesOutWhatTheMachineConfigOperatorRefuses() {
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
    var yaml = KubeletRemedy.render("p", spec, Platform.OPENSHIFT).get("kubeletconfig.yaml");
    assertThat(Specs.json(yaml).path("spec").path("kubeletConfig"))
        .isEqualTo(Specs.json("{enforceNodeAllocatable: [pods], maxPods: 250}"));
  }
}
