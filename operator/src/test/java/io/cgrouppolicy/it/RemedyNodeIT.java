package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.LabNode.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.LabKubelet;
import io.cgrouppolicy.testing.LabNode;
import io.cgrouppolicy.testing.LabPod;
import io.cgrouppolicy.testing.OperatorProcess;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Follows the README of a published remedy on a node as a distribution has it. The test adds
/// nothing to what the README says.
@Tag("node")
class RemedyNodeIT {
  private static final String POLICY =
      """
      apiVersion: cgroup-policy.io/v1alpha1
      kind: CgroupPolicy
      metadata: {name: remedied}
      spec:
        nodes:
          selector: {}
          remedy: Publish
      %s\
      """
          .formatted(LabKubelet.REQUIRED.indent(4));

  private static LabNode node;
  private static LabKubelet kubelet;
  private static OperatorProcess operator;

  @BeforeAll
  static void start() throws IOException {
    node = LabNode.shared();
    kubelet = new LabKubelet(node);
    operator = node.operator();
    node.namespace("remedied", Map.of());
    node.create(POLICY);
  }

  @AfterAll
  static void stop() {
    if (node != null) {
      node.delete("remedied", "remedied");
      kubelet.reset();
    }
    if (operator != null) {
      operator.close();
    }
  }

  private static List<String> violations() {
    return kubelet.violations("remedied");
  }

  /// The lines of a README that match.
  private static List<String> lines(String readme, String regex) {
    var found = readme.lines().map(String::strip).filter(Pattern.compile(regex).asPredicate());
    var lines = found.map(line -> line.replaceAll(" +#.*", "")).toList();
    assertThat(lines).as("lines of the README with %s:%n%s", regex, readme).isNotEmpty();
    return lines;
  }

  private static void run(List<String> commands) {
    node.shell("set -e\n" + String.join("\n", commands));
  }

  @Test
  void theReadmeMakesTheNodeCompliant() {
    eventually(
        () ->
            assertThat(violations())
                .containsExactly(
                    "KubeletEnforceNodeAllocatable",
                    "KubeletKubeReserved",
                    "KubeletPodPidsLimit",
                    "KubeletSystemReserved"));
    var remedy =
        node.client()
            .configMaps()
            .inNamespace("cgroup-policy-system")
            .withName("cgroup-policy-remedy-remedied")
            .get()
            .getData();
    assertThat(remedy).containsOnlyKeys("90-cgroup-policy.conf", "README.txt", "runtime.slice");
    var readme = remedy.get("README.txt");

    drain(lines(readme, "^kubectl drain "));
    assertThat(readme).contains("/etc/kubernetes/kubelet.conf.d", "/etc/systemd/system");
    node.write(
        "/etc/kubernetes/kubelet.conf.d/90-cgroup-policy.conf",
        remedy.get("90-cgroup-policy.conf"));
    node.write("/etc/systemd/system/runtime.slice", remedy.get("runtime.slice"));
    run(lines(readme, "systemctl enable --now"));
    for (var unit : List.of("kubelet", "containerd")) {
      run(
          lines(readme, "UNIT").stream()
              .filter(line -> line.startsWith("mkdir") || line.startsWith("printf"))
              .map(line -> line.replace("UNIT", unit))
              .toList());
    }
    run(lines(readme, "^systemctl daemon-reload$"));
    run(lines(readme, "^systemctl restart").stream().map(RemedyNodeIT::daemons).toList());
    node.kubectl().succeed("uncordon", LabNode.NAME);

    eventually(() -> assertThat(violations()).isEmpty());
    theKernelHasTheLimits();
    aForkBombStopsAtTheLimit();
    // What other software on a node does all the time.
    node.shell("systemctl daemon-reload");
    theKernelHasTheLimits();
    aDriftDoesNotReachWhatRuns();
  }

  private static void drain(List<String> commands) {
    assertThat(commands).singleElement().asString().startsWith("kubectl drain NODE ");
    var arguments = commands.getFirst().replace("NODE", LabNode.NAME).split(" ");
    node.kubectl().succeed(List.of(arguments).subList(1, arguments.length).toArray(String[]::new));
  }

  /// DAEMONS stands for those of system.slice, which are there already.
  private static String daemons(String restart) {
    return restart.replace(" DAEMONS", "");
  }

  private static void theKernelHasTheLimits() {
    assertThat(kubelet.slice("runtime.slice"))
        .containsEntry("memory.max", String.valueOf(LabKubelet.KUBE_MEMORY));
    assertThat(kubelet.slice("system.slice"))
        .containsEntry("memory.max", String.valueOf(LabKubelet.SYSTEM_MEMORY));
    assertThat(kubelet.slice("kubepods.slice"))
        .containsEntry(
            "memory.max",
            String.valueOf(kubelet.memory() - LabKubelet.KUBE_MEMORY - LabKubelet.SYSTEM_MEMORY));
    for (var daemon : List.of("kubelet", "containerd")) {
      assertThat(node.shell("cat /proc/$(pidof %s)/cgroup".formatted(daemon)))
          .isEqualTo("0::/runtime.slice/%s.service".formatted(daemon));
    }
  }

  private static void aForkBombStopsAtTheLimit() {
    var bomb =
        LabPod.create(
                node, "remedied", "bomb", "(while :; do sleep 3600 & done) 2>/dev/null; sleep 3600")
            .running();
    var cgroup = bomb.cgroup();
    eventually(() -> assertThat(node.read(cgroup + "/pids.events")).doesNotStartWith("max 0"));
    var most = LabKubelet.POD_PIDS;
    assertThat(node.read(cgroup + "/pids.max")).isEqualTo(String.valueOf(most));
    assertThat(Long.parseLong(node.read(cgroup + "/pids.current"))).isLessThanOrEqualTo(most);
    assertThat(node.ready()).isTrue();
    bomb.delete();
  }

  /// The operator's verdict is about what starts from now on: docs/kubelets.md.
  private static void aDriftDoesNotReachWhatRuns() {
    var old = LabPod.create(node, "remedied", "old", "sleep 3600").running();
    kubelet.configure("");
    eventually(() -> assertThat(violations()).hasSize(4));
    var recent = LabPod.create(node, "remedied", "recent", "sleep 3600").running();
    assertThat(node.read(old.cgroup() + "/pids.max"))
        .isEqualTo(String.valueOf(LabKubelet.POD_PIDS));
    assertThat(node.read(recent.cgroup() + "/pids.max")).isEqualTo("max");
    for (var slice : List.of("runtime.slice", "system.slice")) {
      assertThat(kubelet.slice(slice)).doesNotContainEntry("memory.max", "max");
    }
  }
}
