package io.cgrouppolicy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.PolicyFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// `kubectl cgp lint`.
class LintCommandTest {
  private static final String DEPLOYMENT =
      """
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: web, namespace: shop}
      spec:
        replicas: 3
        template:
          spec:
            containers: [{name: app, resources: %s}]
      """;

  private static final String WHOLE =
      "{requests: {cpu: 100m, memory: 64Mi}, limits: {memory: 64Mi}}";

  @TempDir Path directory;

  private Path write(String name, String text) throws IOException {
    var file = directory.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  private Cli lint(String manifest, String... more) throws IOException {
    var file = write("manifest.yaml", manifest).toString();
    var args = new ArrayList<>(List.of("lint", file));
    args.addAll(List.of(more));
    return Cli.run(args.toArray(String[]::new));
  }

  private static List<String> checks(Cli lint) {
    return lint.json().path("policies").path(0).path("status").findValuesAsText("check");
  }

  @Test
  void aPodThatMeetsThePolicyIsFine() throws IOException {
    var lint = lint(DEPLOYMENT.formatted(WHOLE));
    assertThat(lint.exitCode()).as(lint.toString()).isEqualTo(KubectlCgp.OK);
    assertThat(lint.out()).contains("No violations.", "all 3 pods");
  }

  @Test
  void findsWhatAPolicyWouldRejectAndWhatLacksLimits() throws IOException {
    var lint = lint(DEPLOYMENT.formatted("{requests: {memory: 1Gi}}"), "-o", "json");
    assertThat(lint.exitCode()).isEqualTo(KubectlCgp.FOUND);
    assertThat(checks(lint)).containsExactly("WouldReject", "MemoryLimitMissing", "RequestMissing");
    assertThat(lint.out()).contains("shop/web: 3 pods, would be rejected when next created");
  }

  @Test
  void readsEveryKindThatMakesPods() throws IOException {
    var pod = "{containers: [{name: app}]}";
    var template = "{template: {spec: " + pod + "}}";
    var lint =
        lint(
            """
            apiVersion: v1
            kind: List
            items:
            - {apiVersion: v1, kind: Pod, metadata: {name: a}, spec: %1$s}
            - {apiVersion: apps/v1, kind: StatefulSet, metadata: {name: b}, spec: %2$s}
            - {apiVersion: apps/v1, kind: DaemonSet, metadata: {name: c}, spec: %2$s}
            - {apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: d}, spec: %2$s}
            - {apiVersion: v1, kind: ReplicationController, metadata: {name: e}, spec: %2$s}
            - {apiVersion: batch/v1, kind: Job, metadata: {name: f}, spec: %2$s}
            ---
            apiVersion: batch/v1
            kind: CronJob
            metadata: {name: g}
            spec: {jobTemplate: {spec: %2$s}}
            ---
            {apiVersion: apps/v1, kind: Deployment, metadata: {name: broken}}
            ---
            {apiVersion: example.com/v1, kind: Other, metadata: {name: other}}
            """
                .formatted(pod, template),
            "-o",
            "wide");
    assertThat(lint.out().lines().filter(line -> line.contains("QoS class BestEffort:")))
        .extracting(line -> line.replaceAll(".*default/(.):.*", "$1"))
        .containsExactlyInAnyOrder("a", "b", "c", "d", "e", "f", "g");
  }

  /// Four replicas and one more during a rollout exceed a quota of four.
  @Test
  void countsReplicasAndTheSurgeOfARollout() throws IOException {
    var policy =
        write(
                "policy.yaml",
                """
                apiVersion: cgroup-policy.io/v1alpha1
                kind: CgroupPolicy
                metadata: {name: small}
                spec:
                  namespaces:
                    selector: {matchLabels: {unknown: label}}
                    resourceQuota: {hard: {pods: "4"}}
                """)
            .toString();
    var four = DEPLOYMENT.formatted(WHOLE).replace("replicas: 3", "replicas: 4");
    assertThat(lint(four, "--policy", policy).out()).contains("shop/web: ", "pods");
    assertThat(lint(four, "--policy", policy).exitCode()).isEqualTo(KubectlCgp.FOUND);
    var many = DEPLOYMENT.formatted(WHOLE).replace("replicas: 3", "replicas: 2000000000");
    assertThat(lint(many, "--policy", policy).exitCode()).isEqualTo(KubectlCgp.FOUND);
  }

  @Test
  void skipsInDirectoriesWhatIsNoObject() throws IOException {
    write("base/kustomization.yaml", "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: K\n");
    write("base/values.yaml", "a: b\n");
    write("base/empty.yaml", "");
    write("base/readme.md", "# no");
    write("base/deep/web.yml", DEPLOYMENT.formatted(WHOLE));
    var lint = Cli.run("lint", directory.resolve("base").toString());
    assertThat(lint.exitCode()).as(lint.toString()).isEqualTo(KubectlCgp.OK);
    assertThat(lint.out()).startsWith("1 manifest");
  }

  @Test
  void errorsNameTheFile() throws IOException {
    var bad = write("bad.yaml", "a: [");
    assertThat(Cli.run("lint", bad.toString()))
        .satisfies(lint -> assertThat(lint.exitCode()).isEqualTo(KubectlCgp.FAILED))
        .satisfies(lint -> assertThat(lint.err()).startsWith("error: cannot parse " + bad));
    assertThat(Cli.run("lint", write("values.yaml", "a: b").toString()).err())
        .contains("no Kubernetes object");
    assertThat(Cli.run("lint", write("empty.yaml", "").toString()).err())
        .contains("no Kubernetes object found in");
    assertThat(Cli.run("lint", directory.resolve("missing").toString()).err())
        .contains("cannot read");
    assertThat(Cli.run("lint").exitCode()).isEqualTo(KubectlCgp.FAILED);
  }

  static List<PolicyFile> stalled() {
    return PolicyFile.startingWith("stalled-");
  }

  /// What the operator says of a policy that the API server accepts.
  @ParameterizedTest
  @MethodSource("stalled")
  void invalidPoliciesAreFound(PolicyFile policy) throws IOException {
    var lint = lint(policy.text());
    assertThat(lint.exitCode()).as(lint.toString()).isEqualTo(KubectlCgp.FOUND);
    assertThat(lint.out()).contains("Problems of policies", policy.expected());
  }

  static List<PolicyFile> valid() {
    return PolicyFile.startingWith("valid-");
  }

  /// The kubelets that some of them ask for would not start.
  @ParameterizedTest
  @MethodSource("valid")
  void validPoliciesHaveNoProblemsButThoseOfKubelets(PolicyFile policy) throws IOException {
    var lint = lint(policy.text());
    assertThat(lint.err()).isEmpty();
    assertThat(lint.out().lines().filter(line -> line.startsWith("  - ")))
        .allSatisfy(line -> assertThat(line).contains(": spec.nodes.kubelet."));
  }

  @Test
  void theSamplesAreFine() {
    var lint = Cli.run("lint", "config/samples");
    assertThat(lint.exitCode()).as(lint.toString()).isEqualTo(KubectlCgp.OK);
  }
}
