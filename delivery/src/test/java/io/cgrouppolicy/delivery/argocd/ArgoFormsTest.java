package io.cgrouppolicy.delivery.argocd;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

class ArgoFormsTest {
  private static final String HEALTH =
      "resource.customizations.health.cgroup-policy.io_CgroupPolicy";
  private static final String UPDATES =
      "resource.customizations.ignoreResourceUpdates.cgroup-policy.io_CgroupPolicy";

  @Test
  void theConfigMapHasTheUnchangedCheck() throws IOException {
    var data = RecordedStates.read(ArgoForms.CONFIG_MAP).path("data");
    assertThat(data.path(HEALTH).asText()).isEqualTo(Files.readString(ArgoForms.SOURCE));
    assertThat(data.path(UPDATES).asText()).isEqualTo("jsonPointers:\n  - /status\n");
    assertThat(data.properties()).hasSize(2);
  }

  /// argocd-operator writes `resource.customizations.health.GROUP_KIND` for each health check, and
  /// copies extraConfig unchanged (its `controllers/argocd/configmap.go`).
  @Test
  void argocdOperatorRendersTheSameConfigMap() {
    var data = RecordedStates.read(ArgoForms.CONFIG_MAP).path("data");
    var spec = RecordedStates.read(ArgoForms.OPENSHIFT).path("spec");
    var check = spec.path("resourceHealthChecks").path(0);
    var key =
        "resource.customizations.health.%s_%s"
            .formatted(check.path("group").asText(), check.path("kind").asText());
    assertThat(key).isEqualTo(HEALTH);
    assertThat(check.path("check")).isEqualTo(data.path(HEALTH));
    assertThat(spec.path("extraConfig").path(UPDATES)).isEqualTo(data.path(UPDATES));
    assertThat(spec.path("extraConfig").properties()).hasSize(1);
  }

  /// No package provides its CRD to a build, so these are its fields from
  /// `api/v1beta1/argocd_types.go`: a list of three strings, and a map of strings.
  @Test
  void theFormForArgocdOperatorHasOnlyItsFields() {
    var form = RecordedStates.read(ArgoForms.OPENSHIFT);
    assertThat(form.path("apiVersion").asText()).isEqualTo("argoproj.io/v1beta1");
    assertThat(form.path("kind").asText()).isEqualTo("ArgoCD");
    var spec = form.path("spec");
    assertThat(spec.fieldNames())
        .toIterable()
        .containsExactlyInAnyOrder("resourceHealthChecks", "extraConfig");
    assertThat(spec.path("resourceHealthChecks"))
        .isNotEmpty()
        .allSatisfy(
            check -> {
              assertThat(check.fieldNames())
                  .toIterable()
                  .containsExactlyInAnyOrder("group", "kind", "check");
              assertThat(check).allMatch(JsonNode::isTextual);
            });
    assertThat(spec.path("extraConfig")).isNotEmpty().allMatch(JsonNode::isTextual);
  }
}
