package io.cgrouppolicy.delivery.kustomize;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static io.cgrouppolicy.testing.Fixture.within;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.ControlPlane;
import io.cgrouppolicy.testing.EmbeddedCluster;
import io.cgrouppolicy.testing.Kubectl;
import io.cgrouppolicy.testing.OperatorProcess;
import io.cgrouppolicy.testing.WorkDirectory;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// `kubectl delete -k` with a running operator leaves nothing behind, on a separate control plane.
@EmbeddedCluster("an empty one, which is empty afterwards")
class UninstallIT {
  private static final String DEFAULT = "config/default";

  private ControlPlane cluster;
  private Kubectl kubectl;
  private OperatorProcess operator;

  @BeforeEach
  void install() throws Exception {
    cluster = new ControlPlane(WorkDirectory.resolve("uninstall"));
    kubectl = new Kubectl(cluster.kubeconfig());
    kubectl.succeed("create", "namespace", "team");
    kubectl.succeed("apply", "--server-side", "-k", DEFAULT);
    var kubeconfig = WorkDirectory.resolve("uninstall.kubeconfig");
    ControlPlane.install(cluster.kubeconfig(), kubeconfig);
    // The garbage collector discovers new kinds every 30 s, and when it starts.
    cluster.control("restart-controller-manager");
    operator = new OperatorProcess(Map.of("KUBECONFIG", kubeconfig.toString()));
    kubectl.succeed("apply", "-f", "config/samples/guard.yaml");
    kubectl.succeed("wait", "--for=condition=Ready", "--timeout=60s", "cgp/guard");
    assertThat(limits()).contains("limitrange/cgroup-policy", "resourcequota/cgroup-policy");
  }

  @AfterEach
  void end() throws Exception {
    if (operator != null) {
      operator.close();
    }
    if (cluster != null) {
      cluster.close();
    }
  }

  private String limits() {
    return kubectl.succeed("get", "limitranges,resourcequotas", "-n", "team", "-o", "name");
  }

  private void nothingOfTheInstallationIsLeft() {
    within(
        Duration.ofSeconds(60),
        () -> {
          assertThat(kubectl.answer("get", "-k", DEFAULT, "-o", "name", "--ignore-not-found"))
              .satisfies(answer -> assertThat(answer.output()).doesNotContain("cgroup-policy"));
          for (var kinds :
              List.of(
                  "namespaces",
                  "customresourcedefinitions",
                  "clusterroles,clusterrolebindings",
                  "limitranges,resourcequotas,roles,rolebindings,leases,deployments,pods")) {
            assertThat(kubectl.succeed("get", kinds, "-A", "-o", "name"))
                .doesNotContain("cgroup-policy");
          }
          assertThat(kubectl.succeed("get", "clusterrole", "view", "edit", "admin", "-o", "yaml"))
              .doesNotContain("cgroup-policy.io");
        });
  }

  @Test
  void policiesFirstThenTheRest() {
    kubectl.succeed("delete", "cgp", "--all");
    eventually(() -> assertThat(limits()).isEmpty());
    kubectl.succeed("delete", "-k", DEFAULT);
    nothingOfTheInstallationIsLeft();
  }

  /// Policies are deleted with their CRD, and the garbage collector deletes the objects that they
  /// own.
  @Test
  void deletingEverythingAtOnceLeavesNothing() {
    kubectl.succeed("delete", "-k", DEFAULT);
    within(Duration.ofSeconds(60), () -> assertThat(limits()).isEmpty());
    nothingOfTheInstallationIsLeft();
  }

  @Test
  void orphansSurviveTheCrd() {
    kubectl.succeed(
        "patch",
        "cgp",
        "guard",
        "--type=merge",
        "-p",
        "{\"spec\":{\"deletionPolicy\":\"Orphan\"}}");
    eventually(
        () ->
            assertThat(
                    kubectl.succeed(
                        "get", "limitranges,resourcequotas", "-n", "team", "-o", "yaml"))
                .doesNotContain("ownerReferences"));
    kubectl.succeed("delete", "-k", DEFAULT);
    assertThat(kubectl.succeed("get", "crd", "-o", "name")).doesNotContain("cgroup-policy");
    assertThat(limits()).contains("limitrange/cgroup-policy", "resourcequota/cgroup-policy");
  }
}
