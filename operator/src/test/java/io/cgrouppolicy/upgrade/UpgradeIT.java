package io.cgrouppolicy.upgrade;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.EmbeddedCluster;
import io.cgrouppolicy.testing.LocalCluster;
import io.cgrouppolicy.testing.OperatorProcess;
import io.cgrouppolicy.testing.SharedOperator;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Upgrades from what an earlier release has left in a cluster, as recorded. The program [Upgrade]
/// does the same with that release itself, and with the downgrade.
///
/// `-Drecord=true` records the previous release again.
@EmbeddedCluster("replaces the CRD and counts the operator's writes")
class UpgradeIT {
  private static final LocalCluster CLUSTER = LocalCluster.get();

  private UpgradeScene scene;

  static List<RecordedRelease> releases() {
    return Boolean.getBoolean("record")
        ? List.of(new RecordedRelease(PreviousRelease.build().version()))
        : RecordedRelease.all();
  }

  @BeforeEach
  void createScene() {
    SharedOperator.stop();
    scene = new UpgradeScene(CLUSTER.admin());
  }

  @AfterEach
  void restoreCrd() throws IOException {
    scene.close();
    replaceCrd(shipped());
  }

  @ParameterizedTest
  @MethodSource("releases")
  void adoptsWhatTheReleaseWrote(RecordedRelease release) throws IOException {
    if (Boolean.getBoolean("record")) {
      record(release);
      return;
    }
    replaceCrd(release.crd());
    release.restore(CLUSTER.admin());
    var children = scene.children();
    assertThat(children).hasSizeGreaterThan(8);
    int before = CLUSTER.operatorWrites().size();

    replaceCrd(shipped());
    try (var operator = new OperatorProcess(scene.settings())) {
      eventually(() -> assertThat(operator.leads()).isTrue());
      assertThat(scene.settled()).isEqualTo(release.statuses());
      assertThat(scene.children()).isEqualTo(children);
      var writes = CLUSTER.operatorWrites().stream().skip(before).toList();
      assertThat(writes)
          .as("writes of LimitRanges and ResourceQuotas")
          .noneMatch(write -> write.matches(".*/(limitranges|resourcequotas)\\b.*"));
      assertThat(writes.stream().filter(write -> write.contains("/configmaps")))
          .as("writes of the remedy, whose README may change")
          .hasSizeLessThanOrEqualTo(1);
      scene.assertWorks("320Mi");
    }
  }

  private void record(RecordedRelease release) throws IOException {
    var previous = PreviousRelease.build();
    replaceCrd(
        Serialization.unmarshal(Files.readString(previous.crd()), CustomResourceDefinition.class));
    scene.applyPolicies();
    try (var operator = previous.start(scene.settings())) {
      eventually(() -> assertThat(operator.leads()).isTrue());
      scene.settled();
      release.record(previous.crd(), scene);
    }
  }

  private static CustomResourceDefinition shipped() throws IOException {
    return Serialization.unmarshal(
        Files.readString(Path.of("crds/cgroup-policy.io_cgrouppolicies.yaml")),
        CustomResourceDefinition.class);
  }

  private static void replaceCrd(CustomResourceDefinition crd) {
    crd(crd.getMetadata().getName())
        .edit(
            live -> {
              live.setSpec(crd.getSpec());
              return live;
            });
  }

  private static Resource<CustomResourceDefinition> crd(String name) {
    return CLUSTER.admin().apiextensions().v1().customResourceDefinitions().withName(name);
  }
}
