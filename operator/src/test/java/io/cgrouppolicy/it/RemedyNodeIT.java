package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.LabNode.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.LabKubelet;
import io.cgrouppolicy.testing.LabNode;
import io.cgrouppolicy.testing.LabOperator;
import io.cgrouppolicy.testing.LabPod;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Follows the README of a published remedy on a node as a distribution has it. The test adds
/// nothing to what the README says.
@Tag("node")
class RemedyNodeIT {
  @RegisterExtension
  static final LabOperator lab =
      new LabOperator(
          "remedied",
          "nodes:\n" + ("selector: {}\nremedy: Publish\n" + LabKubelet.REQUIRED).indent(2));

  /// The lines of a README that match.
  private static List<String> lines(String readme, String regex) {
    var found = readme.lines().map(String::strip).filter(Pattern.compile(regex).asPredicate());
    var lines = found.map(line -> line.replaceAll(" +#.*", "")).toList();
    assertThat(lines).as("lines of the README with %s:%n%s", regex, readme).isNotEmpty();
    return lines;
  }

  private static void run(List<String> commands) {
    lab.node().shell("set -e\n" + String.join("\n", commands));
  }

  /// A pod that a drain leaves on the node. It ends when systemd stops it for a reboot; a shell
  /// without a trap would take 90 s.
  private static LabPod agent() {
    lab.node()
        .create(
            """
            apiVersion: apps/v1
            kind: DaemonSet
            metadata: {name: agent, namespace: remedied}
            spec:
              selector: {matchLabels: {app: agent}}
              template:
                metadata: {labels: {app: agent}}
                spec:
                  terminationGracePeriodSeconds: 0
                  containers: [{name: main, image: "%s", command: [sh, -c, "trap exit TERM; sleep 3600 & wait"]}]
            """
                .formatted(LabNode.IMAGE));
    var pods = lab.node().client().pods().inNamespace("remedied").withLabel("app", "agent");
    eventually(() -> assertThat(pods.list().getItems()).hasSize(1));
    var name = pods.list().getItems().getFirst().getMetadata().getName();
    return new LabPod(lab.node(), "remedied", name).running();
  }

  @Test
  void theReadmeMakesTheNodeCompliant() {
    var agent = agent();
    assertThat(agent.pidLimit()).isEqualTo("max");
    eventually(
        () ->
            assertThat(lab.violations())
                .containsExactly(
                    "KubeletEnforceNodeAllocatable",
                    "KubeletKubeReserved",
                    "KubeletPodPidsLimit",
                    "KubeletSystemReserved"));
    var remedy =
        lab.node()
            .client()
            .configMaps()
            .inNamespace("cgroup-policy-system")
            .withName("cgroup-policy-remedy-remedied")
            .get()
            .getData();
    assertThat(remedy).containsOnlyKeys("90-cgroup-policy.conf", "README.txt", "runtime.slice");
    var readme = remedy.get("README.txt");

    drain(lines(readme, "^kubectl drain "));
    assertThat(readme).contains("/etc/kubernetes/kubelet.conf.d", "/etc/systemd/system");
    lab.node()
        .write(
            "/etc/kubernetes/kubelet.conf.d/90-cgroup-policy.conf",
            remedy.get("90-cgroup-policy.conf"));
    lab.node().write("/etc/systemd/system/runtime.slice", remedy.get("runtime.slice"));
    run(lines(readme, "systemctl enable --now"));
    for (var unit : List.of("kubelet", "containerd")) {
      run(
          lines(readme, "UNIT").stream()
              .filter(line -> line.startsWith("mkdir") || line.startsWith("printf"))
              .map(line -> line.replace("UNIT", unit))
              .toList());
    }
    assertThat(lines(readme, "reboot$")).containsExactly("systemctl reboot");
    lab.node().reboot("systemctl reboot");
    lab.node().kubectl().succeed("uncordon", LabNode.NAME);

    eventually(() -> assertThat(lab.violations()).isEmpty());
    theKernelHasTheLimits();
    eventually(() -> assertThat(agent.pidLimit()).isEqualTo(String.valueOf(LabKubelet.POD_PIDS)));
    aForkBombStopsAtTheLimit();
    // What other software on a node does all the time.
    lab.node().shell("systemctl daemon-reload");
    theKernelHasTheLimits();
    aDriftDoesNotReachWhatRuns();
  }

  private static void drain(List<String> commands) {
    assertThat(commands).singleElement().asString().startsWith("kubectl drain NODE ");
    var arguments = commands.getFirst().replace("NODE", LabNode.NAME).split(" ");
    lab.node()
        .kubectl()
        .succeed(List.of(arguments).subList(1, arguments.length).toArray(String[]::new));
  }

  private static void theKernelHasTheLimits() {
    assertThat(lab.kubelet().slice("runtime.slice"))
        .containsEntry("memory.max", String.valueOf(LabKubelet.KUBE_MEMORY));
    assertThat(lab.kubelet().slice("system.slice"))
        .containsEntry("memory.max", String.valueOf(LabKubelet.SYSTEM_MEMORY));
    assertThat(lab.kubelet().slice("kubepods.slice"))
        .containsEntry(
            "memory.max",
            String.valueOf(
                lab.kubelet().memory() - LabKubelet.KUBE_MEMORY - LabKubelet.SYSTEM_MEMORY));
    for (var daemon : List.of("kubelet", "containerd")) {
      assertThat(lab.node().shell("cat /proc/$(pidof %s)/cgroup".formatted(daemon)))
          .isEqualTo("0::/runtime.slice/%s.service".formatted(daemon));
    }
  }

  private static void aForkBombStopsAtTheLimit() {
    var bomb = lab.pod("bomb", "(while :; do sleep 3600 & done) 2>/dev/null; sleep 3600").running();
    var cgroup = bomb.cgroup();
    eventually(
        () -> assertThat(lab.node().read(cgroup + "/pids.events")).doesNotStartWith("max 0"));
    var most = LabKubelet.POD_PIDS;
    assertThat(bomb.pidLimit()).isEqualTo(String.valueOf(most));
    assertThat(Long.parseLong(lab.node().read(cgroup + "/pids.current"))).isLessThanOrEqualTo(most);
    assertThat(lab.node().ready()).isTrue();
    bomb.delete();
  }

  /// The operator's verdict is about what starts from now on: docs/kubelets.md.
  private static void aDriftDoesNotReachWhatRuns() {
    var old = lab.pod("old", "sleep 3600").running();
    lab.kubelet().configure("");
    eventually(() -> assertThat(lab.violations()).hasSize(4));
    var recent = lab.pod("recent", "sleep 3600").running();
    assertThat(old.pidLimit()).isEqualTo(String.valueOf(LabKubelet.POD_PIDS));
    assertThat(recent.pidLimit()).isEqualTo("max");
    for (var slice : List.of("runtime.slice", "system.slice")) {
      assertThat(lab.kubelet().slice(slice)).doesNotContainEntry("memory.max", "max");
    }
  }
}
