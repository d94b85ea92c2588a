package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static io.cgrouppolicy.testing.Fixture.within;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cgrouppolicy.testing.EmbeddedCluster;
import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.HangingWebhook;
import io.cgrouppolicy.testing.SharedOperator;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LimitRangeBuilder;
import io.fabric8.kubernetes.api.model.LimitRangeSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicyBindingBuilder;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicyBuilder;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingWebhookConfigurationBuilder;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// One broken namespace never delays the others.
class BrokenNamespaceIT {
  private static final int OTHERS = 40; // more than there are reconciliation threads

  @RegisterExtension final Fixture fixture = new Fixture();

  private final List<HasMetadata> obstacles = new ArrayList<>();

  @BeforeAll
  static void startOperator() {
    SharedOperator.get();
  }

  @AfterEach
  void removeObstacles() {
    obstacles.forEach(obstacle -> fixture.client.resource(obstacle).delete());
  }

  private void obstruct(HasMetadata obstacle) {
    obstacles.add(fixture.client.resource(obstacle).create());
  }

  private List<String> others() {
    var others = new ArrayList<String>();
    for (int i = 0; i < OTHERS; i++) {
      others.add(fixture.namespace("n" + i));
    }
    return others;
  }

  /// Without the client's own retries: one attempt of two seconds.
  private void dryRunOfALimitRange(String namespace) {
    var config =
        new ConfigBuilder(fixture.client.getConfiguration())
            .withRequestTimeout(2000)
            .withRequestRetryBackoffLimit(0)
            .build();
    try (var client = new KubernetesClientBuilder().withConfig(config).build()) {
      client
          .resource(
              new LimitRangeBuilder()
                  .withNewMetadata()
                  .withName("probe")
                  .withNamespace(namespace)
                  .endMetadata()
                  .withSpec(new LimitRangeSpec(List.of()))
                  .build())
          .dryRun()
          .create();
    }
  }

  @Test
  void aNamespaceThatRejectsOurObjectIsNamedUntilItIsFixed() {
    var broken = fixture.namespace("broken");
    var others = others();
    refuseLimitRanges(broken);
    eventually(
        () ->
            assertThatThrownBy(() -> dryRunOfALimitRange(broken))
                .hasMessageContaining("not in this namespace"));

    fixture.policy("p", "mode: Enforce", 256);
    eventually(
        () -> {
          assertThat(fixture.status("p", "Ready")).isEqualTo("False RejectedByAdmission");
          assertThat(fixture.condition("p", "Ready").getMessage())
              .contains("namespace " + broken)
              .contains("cannot create limitranges")
              .contains("not in this namespace");
          var counts = fixture.get("p").getStatus().namespaces();
          assertThat(counts.summary()).isEqualTo(OTHERS + "/" + (OTHERS + 1));
          assertThat(counts.nonCompliant()).isEqualTo(1);
          assertThat(counts.pending()).isZero();
        });
    assertThat(fixture.checks("p")).containsExactly("LimitRangeMissing", "ResourceQuotaMissing");
    assertThat(fixture.get("p").getStatus().violations())
        .allSatisfy(violation -> assertThat(violation.name()).isEqualTo(broken))
        .allSatisfy(violation -> assertThat(violation.message()).contains("not in this namespace"));
    assertThat(others).allSatisfy(name -> assertThat(fixture.quota(name)).isNotNull());
    assertThat(fixture.quota(broken)).as("no quota without its defaults").isNull();

    removeObstacles();
    eventually(() -> assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant"));
    assertThat(fixture.status("p", "Ready")).isEqualTo("True Enforced");
    assertThat(fixture.quota(broken)).isNotNull();
  }

  /// Field case 08.
  @Test
  void aQuotaWithoutRoomForOursIsNamed() {
    var full = fixture.namespace("full");
    var quotas = fixture.client.resourceQuotas().inNamespace(full);
    quotas
        .resource(
            new ResourceQuotaBuilder()
                .withNewMetadata()
                .withName("platform")
                .endMetadata()
                .withNewSpec()
                .addToHard("resourcequotas", new Quantity("1"))
                .endSpec()
                .build())
        .create();
    eventually(
        () ->
            assertThat(quotas.withName("platform").get().getStatus().getUsed())
                .containsEntry("resourcequotas", new Quantity("1")));
    fixture.policy("p", "mode: Enforce", 256);
    eventually(
        () -> {
          assertThat(fixture.status("p", "Ready")).isEqualTo("False ExceededQuota");
          assertThat(fixture.get("p").getStatus().violations())
              .singleElement()
              .satisfies(
                  violation -> {
                    assertThat(violation.check()).isEqualTo("ResourceQuotaMissing");
                    assertThat(violation.message())
                        .contains(": ResourceQuota cgroup-policy is missing; cannot create")
                        .contains("exceeded quota: platform");
                  });
        });
    assertThat(fixture.memory(full)).as("the LimitRange is in place").isEqualTo("256Mi");

    quotas.withName("platform").delete();
    eventually(() -> assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant"));
  }

  private void refuseLimitRanges(String namespace) {
    var name = fixture.id + "-refuse";
    obstruct(
        new ValidatingAdmissionPolicyBuilder()
            .withNewMetadata()
            .withName(name)
            .endMetadata()
            .withNewSpec()
            .withFailurePolicy("Fail")
            .withNewMatchConstraints()
            .addNewResourceRule()
            .withApiGroups("")
            .withApiVersions("v1")
            .withOperations("CREATE", "UPDATE")
            .withResources("limitranges")
            .endResourceRule()
            .endMatchConstraints()
            .addNewValidation()
            .withExpression("false")
            .withMessage("not in this namespace")
            .endValidation()
            .endSpec()
            .build());
    obstruct(
        new ValidatingAdmissionPolicyBindingBuilder()
            .withNewMetadata()
            .withName(name)
            .endMetadata()
            .withNewSpec()
            .withPolicyName(name)
            .withValidationActions("Deny")
            .withNewMatchResources()
            .withNewNamespaceSelector()
            .withMatchLabels(Map.of("kubernetes.io/metadata.name", namespace))
            .endNamespaceSelector()
            .endMatchResources()
            .endSpec()
            .build());
  }

  @Test
  @EmbeddedCluster("an API server that reaches the test's own address")
  void aNamespaceWhereWritesHangDelaysNoOther() {
    try (var webhook = new HangingWebhook()) {
      var broken = fixture.namespace("broken");
      var others = others();
      hang(webhook, broken);
      eventually(
          () -> {
            assertThatThrownBy(() -> dryRunOfALimitRange(broken)).hasMessageContaining("exceeded");
            assertThat(webhook.asked()).isPositive();
          });
      int before = webhook.asked();

      fixture.policy("p", "mode: Enforce", 256);
      eventually(() -> assertThat(webhook.asked()).as("it hangs").isGreaterThan(before));
      within(
          Duration.ofSeconds(3),
          () -> assertThat(others).allSatisfy(name -> assertThat(fixture.quota(name)).isNotNull()));
      var late = fixture.namespace("late");
      within(Duration.ofSeconds(2), () -> assertThat(fixture.quota(late)).isNotNull());

      eventually(
          () -> {
            assertThat(fixture.status("p", "Ready")).startsWith("False ");
            assertThat(fixture.condition("p", "Ready").getMessage())
                .contains("namespace " + broken)
                .contains("cannot create limitranges");
            assertThat(fixture.get("p").getStatus().namespaces().summary())
                .isEqualTo((OTHERS + 1) + "/" + (OTHERS + 2));
          });
      removeObstacles();
      eventually(() -> assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant"));
      assertThat(fixture.status("p", "Ready")).isEqualTo("True Enforced");
    }
  }

  private void hang(HangingWebhook webhook, String namespace) {
    obstruct(
        new ValidatingWebhookConfigurationBuilder()
            .withNewMetadata()
            .withName(fixture.id + "-hang")
            .endMetadata()
            .addNewWebhook()
            .withName("hang.cgroup-policy.test")
            .withNewClientConfig()
            .withUrl(webhook.url())
            .withCaBundle(webhook.caBundle())
            .endClientConfig()
            .withAdmissionReviewVersions("v1")
            .withSideEffects("None")
            .withFailurePolicy("Fail")
            .withTimeoutSeconds(8)
            .addNewRule()
            .withApiGroups("")
            .withApiVersions("v1")
            .withOperations("CREATE", "UPDATE")
            .withResources("limitranges")
            .endRule()
            .withNewNamespaceSelector()
            .withMatchLabels(Map.of("kubernetes.io/metadata.name", namespace))
            .endNamespaceSelector()
            .endWebhook()
            .build());
  }
}
