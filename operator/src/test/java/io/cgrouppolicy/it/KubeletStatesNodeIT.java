package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.LabKubelet.HARDENED;
import static io.cgrouppolicy.testing.LabNode.eventually;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.Violation;
import io.cgrouppolicy.testing.LabKubelet;
import io.cgrouppolicy.testing.LabOperator;
import io.cgrouppolicy.testing.LabPod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The operator's verdict, the answer of the kubelet and the kernel's files agree, in many
/// configurations of a kubelet. The table in docs/real-node.md is from here; `-Drecord=true` writes
/// it.
@Tag("node")
class KubeletStatesNodeIT {
  private static final Path TABLE = Path.of("docs/real-node.md");

  @RegisterExtension
  static final LabOperator lab =
      new LabOperator(
          "states",
          "nodes:\n"
              + ("selector: {}\n"
                      + LabKubelet.REQUIRED
                      + "config: {memorySwap: {swapBehavior: NoSwap}}\n".indent(2))
                  .indent(2));

  enum State {
    STOCK("a distribution's defaults", ""),
    HARDENED_NODE("what the policy requires", HARDENED),
    NO_PID_LIMIT("no PID limit", HARDENED.replace("256", "-1")),
    HIGH_PID_LIMIT("a PID limit that is too high", HARDENED.replace("256", "4096")),
    PODS_ONLY(
        "only pods enforced", HARDENED.replace("[pods, kube-reserved, system-reserved]", "[pods]")),
    NOTHING_ENFORCED(
        "nothing enforced", HARDENED.replace("[pods, kube-reserved, system-reserved]", "[none]")),
    SMALL_KUBE_RESERVED("kubeReserved too small", HARDENED.replace("768Mi", "640Mi")),
    SMALL_SYSTEM_RESERVED("systemReserved too small", HARDENED.replace("512Mi", "448Mi")),
    NO_SYSTEM_RESERVED("system-reserved not enforced", HARDENED.replace(", system-reserved]", "]")),
    OTHER_CGROUP(
        "kube-reserved on an empty slice",
        HARDENED.replace("/runtime.slice", "/lab.slice"),
        "mkdir -p /sys/fs/cgroup/lab.slice"),
    COMPRESSIBLE(
        "compressible levels",
        HARDENED.replaceAll("(kube|system)-reserved", "$1-reserved-compressible")),
    RESERVED_CPUS(
        "reservedSystemCPUs",
        """
        enforceNodeAllocatable: [pods]
        reservedSystemCPUs: "0"
        kubeReserved: {memory: 768Mi}
        systemReserved: {memory: 512Mi}
        podPidsLimit: 256
        """),
    SWAP(
        "pods may swap",
        HARDENED + "failSwapOn: false\nmemorySwap: {swapBehavior: LimitedSwap}\n",
        "test -e /swap || { fallocate -l 64M /swap && chmod 600 /swap && mkswap /swap; }; swapon /swap"),
    CGROUPFS("cgroupfs, but the runtime says systemd", HARDENED + "cgroupDriver: cgroupfs\n");

    private final String title;
    private final String fields;
    private final String preparation;

    State(String title, String fields) {
      this(title, fields, "swapoff -a");
    }

    State(String title, String fields, String preparation) {
      this.title = title;
      this.fields = fields;
      this.preparation = preparation;
    }
  }

  @BeforeAll
  static void moveDaemons() {
    lab.kubelet().daemonsIn("runtime.slice");
  }

  @AfterAll
  static void swapOff() {
    lab.node().shell("swapoff -a");
  }

  /// Configures the kubelet as on a node that has just booted. Without a policy, the operator
  /// forgets the kubelet, so a new one has no verdict on an earlier configuration.
  private static void configure(State state) {
    lab.deletePolicy();
    lab.kubelet().forgetLimits();
    lab.node().shell(state.preparation);
    lab.kubelet().configure(state.fields);
    lab.createPolicy();
  }

  @ParameterizedTest
  @EnumSource
  void theVerdictIsWhatTheKernelDoes(State state) throws IOException {
    configure(state);
    var pod = lab.pod("probe", "{requests: {memory: 64Mi}}", "sleep 3600");
    try {
      pod.running();
      var kernel = new Kernel(pod);
      var configz = lab.node().configz();
      boolean contained = kernel.contains(configz);
      var checks = new ArrayList<String>();
      if (!kernel.limitsPids()) {
        checks.add("KubeletPodPidsLimit");
      }
      if (kernel.letsPodsSwap()) {
        checks.add("KubeletConfig");
      }
      if (!kernel.usesSystemd()) {
        checks.add("KubeletCgroupDriver");
      }
      eventually(
          () -> {
            var found = lab.violations();
            assertThat(found).containsAll(checks);
            assertThat(found.stream().anyMatch(check -> check.matches(".*(Enforce|Reserved).*")))
                .as("violations of what the kernel enforces on slices: %s", found)
                .isEqualTo(!contained);
            assertThat(found.stream().filter(check -> !check.matches(".*(Enforce|Reserved).*")))
                .containsExactlyInAnyOrderElementsOf(checks);
          });
      check(state, kernel.row(state, configz, lab.findings()));
    } finally {
      pod.delete();
    }
  }

  /// It fails at its start, over and over. Each time it renews the node's lease, so the node is
  /// Ready most of the time, and answers for a second with limits that it never enforces.
  @Test
  void aKubeletWhoseCgroupIsMissingIsNotBelieved() {
    configure(State.STOCK);
    lab.kubelet().forgetLimits();
    lab.kubelet().fail(HARDENED.replace("/runtime.slice", "/missing.slice"));
    eventually(
        () ->
            assertThat(lab.findings())
                .extracting(Violation::check)
                .containsExactly("KubeletUnreachable"));
  }

  /// What the kernel's files say.
  private static final class Kernel {
    private final Map<String, String> pods = lab.kubelet().slice("kubepods.slice");
    private final Map<String, String> kube = lab.kubelet().slice("runtime.slice");
    private final Map<String, String> system = lab.kubelet().slice("system.slice");
    private final String podCgroup;
    private final String podPids;
    private final String swap;

    Kernel(LabPod pod) {
      podCgroup = pod.cgroup();
      podPids = lab.node().read(podCgroup + "/pids.max");
      swap = lab.node().read(pod.containerCgroup() + "/memory.swap.max");
    }

    boolean limitsPids() {
      return !podPids.equals("max") && Integer.parseInt(podPids) <= LabKubelet.POD_PIDS;
    }

    boolean letsPodsSwap() {
      return !swap.equals("0");
    }

    boolean usesSystemd() {
      return podCgroup.startsWith("/sys/fs/cgroup/kubepods.slice/") && podCgroup.endsWith(".slice");
    }

    /// Whether the three slices have the limits that the policy requires. With reservedSystemCPUs,
    /// a kubelet cannot limit the daemons' slices, and the policy does not require it.
    boolean contains(JsonNode configz) {
      boolean daemons =
          !configz.path("reservedSystemCPUs").asText().isEmpty()
              || atLeast(kube, LabKubelet.KUBE_MEMORY) && atLeast(system, LabKubelet.SYSTEM_MEMORY);
      var most = lab.kubelet().memory() - LabKubelet.KUBE_MEMORY - LabKubelet.SYSTEM_MEMORY;
      return daemons && memory(pods) <= most;
    }

    private static boolean atLeast(Map<String, String> slice, long reserved) {
      return memory(slice) >= reserved && memory(slice) < Long.MAX_VALUE;
    }

    private static long memory(Map<String, String> slice) {
      var limit = slice.get("memory.max");
      return limit.equals("max") ? Long.MAX_VALUE : Long.parseLong(limit);
    }

    String row(State state, JsonNode configz, List<Violation> violations) {
      var verdict =
          violations.stream()
              .map(found -> "%s: %s".formatted(found.check(), found.actual()))
              .collect(joining("<br>"));
      var swaps = letsPodsSwap() ? ", swap" : "";
      return Stream.of(
              state.title,
              verdict.isEmpty() ? "compliant" : verdict,
              answer(configz),
              memory(pods) == Long.MAX_VALUE
                  ? "no limit"
                  : "capacity - " + mebibytes(lab.kubelet().memory() - memory(pods)),
              limits(kube),
              limits(system),
              "pids.max " + podPids + swaps)
          .collect(joining(" | ", "| ", " |"));
    }

    private static String answer(JsonNode configz) {
      return Stream.of(
              "enforceNodeAllocatable",
              "podPidsLimit",
              "kubeReserved",
              "systemReserved",
              "kubeReservedCgroup",
              "reservedSystemCPUs",
              "memorySwap",
              "cgroupDriver")
          .filter(configz::has)
          .map(field -> field + ": " + configz.path(field).toString().replace("\"", ""))
          .collect(joining("<br>"));
    }

    private static String limits(Map<String, String> slice) {
      long memory = memory(slice);
      return (memory == Long.MAX_VALUE ? "no limit" : "memory.max " + mebibytes(memory))
          + (slice.get("cpu.weight").equals("100")
              ? ""
              : ", cpu.weight " + slice.get("cpu.weight"));
    }

    private static String mebibytes(long bytes) {
      return (bytes >> 20) + "Mi";
    }
  }

  private static void check(State state, String row) throws IOException {
    var page = Files.readAllLines(TABLE);
    var start = "| " + state.title + " |";
    if (Boolean.getBoolean("record")) {
      page.replaceAll(line -> line.startsWith(start) ? row : line);
      if (!page.contains(row)) {
        page.add(row);
      }
      Files.write(TABLE, page);
    }
    assertThat(page).filteredOn(line -> line.startsWith(start)).containsExactly(row);
  }
}
