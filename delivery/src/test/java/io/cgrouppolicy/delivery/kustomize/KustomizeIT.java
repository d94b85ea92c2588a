package io.cgrouppolicy.delivery.kustomize;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cgrouppolicy.delivery.Project;
import io.cgrouppolicy.delivery.Yaml;
import io.cgrouppolicy.testing.Command;
import io.cgrouppolicy.testing.ControlPlane;
import io.cgrouppolicy.testing.EmbeddedCluster;
import io.cgrouppolicy.testing.Kubectl;
import io.cgrouppolicy.testing.WorkDirectory;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The objects that `kubectl apply -k` installs, on a separate control plane.
@EmbeddedCluster("an empty one, as it is installed into")
class KustomizeIT {
  private static final String NAMESPACE = "cgroup-policy-system";
  private static final String OPERATOR = "cgroup-policy-operator";
  private static final String DEFAULT = "config/default";

  private static ControlPlane cluster;
  private static Kubectl kubectl;
  private static KubernetesClient client;

  @TempDir Path directory;

  @BeforeAll
  static void install() throws Exception {
    cluster = new ControlPlane(WorkDirectory.resolve("kustomize"));
    kubectl = new Kubectl(cluster.kubeconfig());
    client = cluster.client();
    kubectl.succeed(
        "apply",
        "--server-side",
        "-f",
        "delivery/src/test/resources/prometheus-operator-crds.yaml");
    assertThat(kubectl.succeed("apply", "--server-side", "-k", DEFAULT).lines())
        .hasSizeGreaterThan(10)
        .allMatch(line -> line.endsWith("serverside-applied"));
    eventually(() -> assertThat(deployment().getStatus().getReplicas()).isEqualTo(2));
  }

  @AfterAll
  static void end() throws Exception {
    if (client != null) {
      client.close();
    }
    if (cluster != null) {
      cluster.close();
    }
  }

  private static Deployment deployment() {
    return client.apps().deployments().inNamespace(NAMESPACE).withName(OPERATOR).get();
  }

  /// Each object of the installation with its version, which changes with each write. Excludes the
  /// status of a Deployment, which its controller writes.
  private static List<String> revisions() {
    return Stream.of(
            kubectl
                .succeed(
                    "get",
                    "-k",
                    DEFAULT,
                    "-o",
                    "go-template={{range .items}}{{.kind}} {{.metadata.name}} "
                        + "{{if eq .kind \"Deployment\"}}{{.metadata.generation}}{{else}}"
                        + "{{.metadata.resourceVersion}}{{end}}{{\"\\n\"}}{{end}}")
                .split("\n"))
        .toList();
  }

  @Test
  void applyingAgainChangesNothing() {
    var before = revisions();
    assertThat(before).hasSizeGreaterThan(10);
    kubectl.succeed("apply", "--server-side", "-k", DEFAULT);
    assertThat(revisions()).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(strings = {DEFAULT, "config/overlays/kubernetes", "config/overlays/openshift"})
  void isAcceptedStrictly(String kustomization) {
    kubectl.succeed(
        "apply", "--server-side", "--dry-run=server", "--validate=strict", "-k", kustomization);
  }

  @Test
  void strictValidationRejectsAnUnknownField() throws Exception {
    var resource = directory.resolve("wrong.yaml");
    Files.writeString(
        resource,
        kubectl.succeed("kustomize", DEFAULT).replace("enableServiceLinks:", "enableServiceLink:"));
    var answer =
        kubectl.answer(
            "apply",
            "--server-side",
            "--dry-run=server",
            "--validate=strict",
            "-f",
            resource.toString());
    assertThat(answer.status()).isNotZero();
    assertThat(answer.output()).contains("enableServiceLink");
  }

  @ParameterizedTest
  @ValueSource(strings = {DEFAULT, "config/overlays/kubernetes", "config/overlays/openshift"})
  void oneLineSetsTheRegistry(String base) throws Exception {
    var overlay = Files.createTempDirectory(Path.of("target"), "overlay");
    Files.writeString(
        overlay.resolve("kustomization.yaml"),
        """
        resources: [../../%s]
        images: [{name: cgroup-policy-operator, newName: example.com/team/operator}]
        """
            .formatted(base));
    assertThat(kubectl.succeed("kustomize", overlay.toString()))
        .contains("image: example.com/team/operator:" + Project.version() + "\n")
        .doesNotContain("image: cgroup-policy-operator");
  }

  @Test
  void onlyTheComponentForReportsGrantsThemAndSetsTheSetting() throws Exception {
    var overlay = Files.createTempDirectory(Path.of("target"), "overlay");
    Files.writeString(
        overlay.resolve("kustomization.yaml"),
        """
        resources: [../../config/default]
        components: [../../config/components/open-reports]
        """);
    assertThat(kubectl.succeed("kustomize", overlay.toString()))
        .contains("CGROUP_POLICY_OPEN_REPORTS_ENABLED", "- openreports.io")
        .contains("cgroup-policy-operator-open-reports");
    assertThat(kubectl.succeed("kustomize", DEFAULT))
        .doesNotContain("OPEN_REPORTS", "openreports.io");
    isAcceptedStrictly(overlay.toString());
  }

  private static Pod pod(String kustomization) {
    var template =
        Yaml.documents(kubectl.succeed("kustomize", kustomization)).stream()
            .map(yaml -> (HasMetadata) client.getKubernetesSerialization().unmarshal(yaml))
            .filter(Deployment.class::isInstance)
            .map(Deployment.class::cast)
            .findFirst()
            .orElseThrow()
            .getSpec()
            .getTemplate();
    return new PodBuilder()
        .withNewMetadata()
        .withName("from-the-template")
        .withNamespace(NAMESPACE)
        .endMetadata()
        .withSpec(template.getSpec())
        .build();
  }

  private static void admit(Pod pod) {
    client.resource(pod).dryRun().create();
  }

  @ParameterizedTest
  @ValueSource(strings = {DEFAULT, "config/overlays/kubernetes", "config/overlays/openshift"})
  void thePodIsRestricted(String kustomization) {
    admit(pod(kustomization));
    refused(kustomization, "runAsNonRoot", spec -> spec.setSecurityContext(null));
    refused(
        kustomization,
        "allowPrivilegeEscalation",
        spec -> containers(spec).setAllowPrivilegeEscalation(true));
    refused(
        kustomization, "unrestricted capabilities", spec -> containers(spec).setCapabilities(null));
  }

  private static SecurityContext containers(PodSpec spec) {
    return spec.getContainers().getFirst().getSecurityContext();
  }

  private static void refused(String kustomization, String reason, Consumer<PodSpec> change) {
    var pod = pod(kustomization);
    change.accept(pod.getSpec());
    assertThatThrownBy(() -> admit(pod))
        .isInstanceOf(KubernetesClientException.class)
        .hasMessageContaining("violates PodSecurity \"restricted:latest\"")
        .hasMessageContaining(reason);
  }

  @Test
  void theControllerCanCreateThePods() {
    var pods = client.pods().inNamespace(NAMESPACE).list().getItems();
    assertThat(pods).hasSize(2);
    assertThat(pods)
        .allSatisfy(pod -> assertThat(pod.getStatus().getQosClass()).isEqualTo("Burstable"));
  }

  @Test
  void theBuiltInRolesIncludePolicies() {
    for (var role : List.of("view", "edit", "admin")) {
      kubectl.succeed(
          "create",
          "clusterrolebinding",
          "test-" + role,
          "--clusterrole=" + role,
          "--user=" + role);
    }
    kubectl.succeed(
        "create", "rolebinding", "local", "-n", "default", "--clusterrole=admin", "--user=local");

    eventually(() -> assertThat(as("view", "get", "cgp").status()).isZero());
    assertThat(as("view", "apply", "--dry-run=server", "-f", "config/samples/nodes.yaml").output())
        .contains("Forbidden")
        .contains("cannot create resource \"cgrouppolicies\"");
    for (var role : List.of("edit", "admin")) {
      eventually(
          () ->
              assertThat(
                      as(role, "apply", "--dry-run=server", "-f", "config/samples/nodes.yaml")
                          .status())
                  .isZero());
      assertThat(as(role, "auth", "can-i", "delete", "cgp").output()).endsWith("yes\n");
      assertThat(as(role, "auth", "can-i", "patch", "cgp", "--subresource=status").output())
          .endsWith("no\n");
    }
    assertThat(as("local", "get", "cgp").output())
        .as("of one namespace only")
        .contains("cannot list resource \"cgrouppolicies\"");
  }

  /// On OpenShift, setting blockOwnerDeletion needs update on the owner's finalizers. The operator
  /// does not set it (`ChildTest`), and has no such permission.
  @Test
  void theOperatorNeedsNoPermissionOnFinalizers() throws Exception {
    kubectl.succeed("apply", "-f", "config/samples/audit.yaml");
    var uid = kubectl.succeed("get", "cgp", "guard", "-o", "jsonpath={.metadata.uid}");
    var plain = child(uid, "");
    assertThat(asOperator(plain).output()).contains("limitrange/child created (server dry run)");
    var blocking = child(uid, ", blockOwnerDeletion: true");
    assertThat(asOperator(blocking).output())
        .contains("cannot set blockOwnerDeletion if an ownerReference refers to a resource");
  }

  private static String child(String uid, String more) {
    return """
    apiVersion: v1
    kind: LimitRange
    metadata:
      name: child
      namespace: default
      ownerReferences:
      - {apiVersion: cgroup-policy.io/v1alpha1, kind: CgroupPolicy, name: guard, uid: %s%s}
    """
        .formatted(uid, more);
  }

  private Command.Answer asOperator(String yaml) throws Exception {
    var file = Files.writeString(directory.resolve("child.yaml"), yaml);
    return as(
        "system:serviceaccount:" + NAMESPACE + ":" + OPERATOR,
        "create",
        "--dry-run=server",
        "-f",
        file.toString());
  }

  private static Command.Answer as(String user, String... arguments) {
    return kubectl.answer(
        Stream.concat(Stream.of("--as", user), Stream.of(arguments)).toArray(String[]::new));
  }
}
