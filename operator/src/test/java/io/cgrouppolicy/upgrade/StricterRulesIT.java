package io.cgrouppolicy.upgrade;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cgrouppolicy.testing.EmbeddedCluster;
import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.LocalCluster;
import io.cgrouppolicy.testing.OperatorProcess;
import io.cgrouppolicy.testing.PolicyFile;
import io.cgrouppolicy.testing.SharedOperator;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceList;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaPropsBuilder;
import io.fabric8.kubernetes.client.dsl.NonNamespaceOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Policies that were stored under a CRD without the rules that reject them now. The operator
/// reports them by field and changes nothing for them, and they affect no other policy: neither
/// when the watch shows them nor when the operator starts.
@EmbeddedCluster("counts the operator's writes")
class StricterRulesIT {
  private static final LocalCluster CLUSTER = LocalCluster.get();
  private static final String STORED = "stored";

  @RegisterExtension final Fixture fixture = new Fixture();

  @AfterEach
  void deleteStored() {
    policies().withLabel(STORED, fixture.id).delete();
  }

  @Test
  void reportsThemByFieldAndHoldsTheirObjects() {
    SharedOperator.get();
    var namespace = fixture.namespace("held");
    fixture.policy("held", "mode: Enforce", 128);
    eventually(() -> assertThat(fixture.status("held", "Compliant")).isEqualTo("True Compliant"));
    var before = fixture.limitRange(namespace).getMetadata().getResourceVersion();

    storeUnderCrdWithoutRules();
    assertReported();
    assertOthersAreProtected("watched");
    try (var operator = OperatorProcess.start()) {
      eventually(() -> assertThat(operator.leads()).isTrue());
      assertOthersAreProtected("listed");
      assertReported();
    }
    assertThat(fixture.limitRange(namespace).getMetadata().getResourceVersion())
        .as("the object of the invalid policy")
        .isEqualTo(before);
    assertThat(CLUSTER.operatorWrites())
        .filteredOn(write -> write.contains(fixture.id + "-") && write.contains("/limitranges"))
        .as("one for each namespace")
        .hasSize(3);
  }

  private void storeUnderCrdWithoutRules() {
    var shipped = crd().get().getSpec();
    try {
      crd().edit(StricterRulesIT::withoutRules);
      var held = parse(fixture.yaml("held", "mode: Maybe", 256));
      CLUSTER.admin().resource(held).fieldManager("test").forceConflicts().serverSideApply();
      for (var file : PolicyFile.startingWith("invalid-")) {
        var policy = parse(file.text());
        if (!file.schemaOnly() && policy.get("spec") != null) {
          policy.getMetadata().setName(fixture.id + "-" + file.name().replace(".yaml", ""));
          policy.getMetadata().setLabels(Map.of(STORED, fixture.id));
          CLUSTER.admin().resource(policy).create();
        }
      }
    } finally {
      crd()
          .edit(
              crd -> {
                crd.setSpec(shipped);
                return crd;
              });
    }
    eventually(
        () ->
            assertThatThrownBy(() -> CLUSTER.dryRun(fixture.yaml("x", "mode: Maybe", 256)))
                .hasMessageContaining("spec.mode"));
    assertThat(policies().withLabel(STORED, fixture.id).list().getItems()).hasSizeGreaterThan(150);
  }

  /// In the status or, if the API server rejects the status with the spec, in an event.
  private void assertReported() {
    eventually(
        () -> {
          var inEvents = new TreeSet<String>();
          for (var event :
              CLUSTER.admin().events().v1().events().inNamespace("default").list().getItems()) {
            if (event.getReason().equals("InvalidSpec")
                && event.getNote().startsWith("Ready is False: spec.")) {
              inEvents.add(event.getRegarding().getName());
            }
          }
          var unreported = new TreeMap<String, String>();
          for (var policy : policies().withLabel(STORED, fixture.id).list().getItems()) {
            var name = policy.getMetadata().getName();
            var ready = ready(policy);
            if (!ready.startsWith("False InvalidSpec spec.") && !inEvents.contains(name)) {
              unreported.put(name, ready);
            }
          }
          assertThat(unreported).isEmpty();
        });
    assertThat(ready(policies().withName(fixture.id + "-held").get()))
        .isEqualTo(
            "False InvalidSpec spec.mode: 'Maybe' is not known to this version of the operator");
  }

  private void assertOthersAreProtected(String suffix) {
    var namespace = fixture.namespace(suffix, Map.of("other", fixture.id));
    fixture.apply(
        "other", fixture.yaml("other", "mode: Enforce", 64).replace("{test: ", "{other: "));
    eventually(() -> assertThat(fixture.memory(namespace)).isEqualTo("64Mi"));
    eventually(() -> assertThat(fixture.status("other", "Compliant")).isEqualTo("True Compliant"));
  }

  private static String ready(GenericKubernetesResource policy) {
    List<Map<String, String>> conditions = policy.get("status", "conditions");
    return conditions == null
        ? "no status"
        : conditions.stream()
            .filter(condition -> condition.get("type").equals("Ready"))
            .map(c -> c.get("status") + " " + c.get("reason") + " " + c.get("message"))
            .findFirst()
            .orElseThrow();
  }

  private static GenericKubernetesResource parse(String yaml) {
    return Serialization.unmarshal(yaml, GenericKubernetesResource.class);
  }

  /// Any spec, as the oldest schema that could have been.
  private static CustomResourceDefinition withoutRules(CustomResourceDefinition crd) {
    var schema = crd.getSpec().getVersions().getFirst().getSchema().getOpenAPIV3Schema();
    schema.setXKubernetesValidations(null);
    schema
        .getProperties()
        .put(
            "spec",
            new JSONSchemaPropsBuilder()
                .withType("object")
                .withXKubernetesPreserveUnknownFields(true)
                .build());
    return crd;
  }

  private static NonNamespaceOperation<
          GenericKubernetesResource,
          GenericKubernetesResourceList,
          Resource<GenericKubernetesResource>>
      policies() {
    return CLUSTER.admin().genericKubernetesResources("cgroup-policy.io/v1alpha1", "CgroupPolicy");
  }

  private static Resource<CustomResourceDefinition> crd() {
    return CLUSTER
        .admin()
        .apiextensions()
        .v1()
        .customResourceDefinitions()
        .withName("cgrouppolicies.cgroup-policy.io");
  }
}
