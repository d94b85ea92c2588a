package io.cgrouppolicy.delivery.argocd;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.core.limits.Annotations;
import io.cgrouppolicy.delivery.Sample;
import io.cgrouppolicy.testing.EmbeddedCluster;
import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.SharedOperator;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The operator causes no difference from Git, according to the API server; [ArgoGate] tests the
/// same with Argo CD's own code.
class ArgoSyncIT {
  /// As Argo CD syncs with ServerSideApply=true.
  private static final String MANAGER = "argocd-controller";

  @RegisterExtension final Fixture fixture = new Fixture();

  private final List<GenericKubernetesResource> applied = new ArrayList<>();

  @BeforeEach
  void startOperator() {
    SharedOperator.get();
  }

  @AfterEach
  void delete() {
    applied.forEach(policy -> fixture.client.resource(policy).delete());
  }

  private GenericKubernetesResource apply(GenericKubernetesResource policy, boolean dryRun) {
    var how =
        new PatchContext.Builder()
            .withPatchType(PatchType.SERVER_SIDE_APPLY)
            .withFieldManager(MANAGER)
            .withForce(true);
    return fixture
        .client
        .resource(policy)
        .patch((dryRun ? how.withDryRun(List.of("All")) : how).build());
  }

  static List<Sample> samples() throws IOException {
    return Sample.all();
  }

  /// Untyped, so that no field is added or dropped.
  private static GenericKubernetesResource manifest(Sample sample) {
    return Serialization.unmarshal(sample.yaml(), GenericKubernetesResource.class);
  }

  @ParameterizedTest
  @MethodSource("samples")
  @EmbeddedCluster("samples are about all namespaces")
  void aSyncedSampleStaysInSync(Sample sample) {
    var manifest = manifest(sample);
    applied.add(manifest);
    apply(manifest, false);
    var name = sample.name();
    eventually(
        () -> {
          var live = fixture.client.resources(CgroupPolicy.class).withName(name).get();
          assertThat(live.getStatus().conditions()).isNotNull();
          assertThat(live.getStatus().conditions())
              .filteredOn(condition -> condition.getType().equals("Ready"))
              .extracting(Condition::getStatus)
              .containsExactly("True");
        });
    eventually(
        () -> {
          var live = fixture.client.resource(manifest).get();
          var predicted = apply(manifest, true);
          assertThat(content(predicted)).isEqualTo(content(live));
          assertThat(live.getMetadata().getGeneration()).as("the spec was not written").isOne();
        });
    var changed = manifest(sample);
    changed.<Map<String, Object>>get("spec").put("priority", 77);
    assertThat(content(apply(changed, true)))
        .as("a difference would be seen")
        .isNotEqualTo(content(fixture.client.resource(manifest).get()));
  }

  /// The objects that server-side diff compares.
  private static GenericKubernetesResource content(GenericKubernetesResource policy) {
    policy.getMetadata().setManagedFields(List.of());
    policy.getMetadata().setResourceVersion(null);
    return policy;
  }

  /// Argo CD adopts and prunes objects with its tracking marks and without an owner.
  @Test
  void theTrackingMarksOfAnApplicationAreNotCopied() {
    var namespace = fixture.namespace("a");
    var name = "metadata: {name: " + fixture.id + "-p";
    var yaml = fixture.yaml("p", "mode: Enforce", 256).replace(name, name + marks());
    assertThat(yaml).contains("tracking-id");
    fixture.apply("p", yaml);
    eventually(() -> assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant"));
    var uid = fixture.get("p").getMetadata().getUid();
    for (HasMetadata child : List.of(fixture.limitRange(namespace), fixture.quota(namespace))) {
      var metadata = child.getMetadata();
      assertThat(metadata.getLabels())
          .containsOnlyKeys("app.kubernetes.io/managed-by", "cgroup-policy.io/policy");
      assertThat(metadata.getAnnotations())
          .containsOnlyKeys(Annotations.DESCRIPTION, Annotations.LIST_REJECTIONS);
      assertThat(metadata.getOwnerReferences())
          .singleElement()
          .satisfies(owner -> assertThat(owner.getUid()).isEqualTo(uid));
    }
  }

  /// The marks of all tracking methods.
  private String marks() {
    return ", labels: {app.kubernetes.io/instance: app, argocd.argoproj.io/instance: app},"
        + " annotations: {argocd.argoproj.io/installation-id: here,"
        + " argocd.argoproj.io/tracking-id: 'app:cgroup-policy.io/CgroupPolicy:/"
        + fixture.id
        + "-p'}";
  }
}
