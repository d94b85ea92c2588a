package io.cgrouppolicy.delivery.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class PermissionsPageTest {
  private static final String ROLE =
      """
      # For kettles. To bind it:
      #   kubectl create something
      apiVersion: rbac.authorization.k8s.io/v1
      kind: ClusterRole
      metadata:
        name: tea
      rules:
        # To see them,
        # all of them.
        - apiGroups: [""]
          resources: [kettles, cups]
          verbs: [list, watch]
        - apiGroups: [example.com]
          resources: [pots]
          resourceNames: [mine]
          verbs: [get]
        # Figures.
        - nonResourceURLs: [/metrics]
          verbs: [get]
      """;

  @Test
  void aRuleHasTheCommentAboveItOrAboveTheRuleBefore() {
    assertThat(PermissionsPage.section("config/rbac/tea.yaml", ROLE))
        .contains(
            "## tea\n\nClusterRole, in [rbac/tea.yaml](../config/rbac/tea.yaml). For kettles.")
        .contains("```text\nkubectl create something\n```\n")
        .contains("| `core` | `kettles`, `cups` | list, watch | To see them, all of them. |\n")
        .contains("| `example.com` | `pots` named `mine` | get | To see them, all of them. |\n")
        .contains("|  | `/metrics` | get | Figures. |\n");
  }

  @Test
  void otherKindsAreLeftOut() {
    assertThat(PermissionsPage.section("a", "apiVersion: v1\nkind: ServiceAccount\n")).isEmpty();
    assertThat(PermissionsPage.section("a", "apiVersion: v1\nkind: RoleBinding\n")).isEmpty();
  }

  @Test
  void aRuleWithoutAPurposeIsRejected() {
    var silent = ROLE.lines().filter(line -> !line.strip().startsWith("#")).toList();
    assertThatThrownBy(
            () -> PermissionsPage.section("config/rbac/tea.yaml", String.join("\n", silent)))
        .hasMessageContaining("config/rbac/tea.yaml");
    var flow =
        ROLE.replace(
            "- apiGroups: [\"\"]\n    resources: [kettles, cups]\n    verbs: [list, watch]",
            "- {apiGroups: [\"\"], resources: [cups], verbs: [get]}");
    assertThat(flow).isNotEqualTo(ROLE);
    assertThatThrownBy(() -> PermissionsPage.section("config/rbac/tea.yaml", flow))
        .hasMessageContaining("write each rule as");
  }
}
