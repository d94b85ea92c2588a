package io.cgrouppolicy.delivery.olm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cgrouppolicy.delivery.Yaml;
import io.cgrouppolicy.shell.kubelet.KubeletToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The bundle grants exactly the permissions of config/rbac. [ChartPermissionsGate] compares the
/// chart.
class PermissionsAreEqualTest {
  private static final String OPERATOR = "cgroup-policy-operator";

  private final BundleFiles bundle = BundleFiles.read(OlmBundle.DIRECTORY);

  PermissionsAreEqualTest() throws IOException {}

  /// The objects of config/rbac, and the Deployment with the ServiceAccount.
  private static List<ObjectNode> configured() throws IOException {
    var objects = new ArrayList<ObjectNode>();
    for (var directory : List.of(Path.of("config/rbac"), Path.of("config/manager"))) {
      for (var resource : Yaml.read(directory.resolve("kustomization.yaml")).get("resources")) {
        var file = directory.resolve(resource.asText());
        objects.addAll(Yaml.readAll(Files.readString(file)));
      }
    }
    return objects;
  }

  @Test
  void theAccountsAreGrantedTheSame() throws IOException {
    var configured = Grants.of(configured());
    assertThat(configured.cluster()).containsOnlyKeys(OPERATOR, KubeletToken.ACCOUNT);
    assertThat(configured.cluster().get(OPERATOR)).contains("patch limitranges");
    assertThat(configured.namespace()).containsOnlyKeys(OPERATOR);
    assertThat(configured.namespace().get(OPERATOR)).contains("create configmaps");

    assertThat(Grants.of(bundle)).isEqualTo(configured);
  }

  @Test
  void theTokenForKubeletsOpensOnlyKubeletsAndTheOperatorsOwnOpensNone() {
    var granted = Grants.of(bundle);

    assertThat(granted.cluster().get(KubeletToken.ACCOUNT))
        .containsExactly("get nodes/configz", "get nodes/stats");
    assertThat(granted.cluster().get(OPERATOR)).noneMatch(part -> part.contains("nodes/"));
    assertThat(granted.namespace().get(OPERATOR))
        .filteredOn(part -> part.contains("serviceaccounts"))
        .containsExactly("create serviceaccounts/token named [" + KubeletToken.ACCOUNT + "]");
  }

  @Test
  void theOtherRolesAreTheSame() throws IOException {
    var unbound = Grants.unbound(BundleSource.of(configured()).others());

    assertThat(
            Grants.unbound(bundle.manifests().stream().map(BundleFiles.Manifest::object).toList()))
        .isEqualTo(unbound);
  }

  @Test
  void theBundleGrantsNothingWholesale() {
    var granted = Grants.of(bundle);

    assertThat(granted.cluster().values())
        .allSatisfy(
            parts ->
                assertThat(parts)
                    .noneMatch(part -> part.contains("*"))
                    .noneMatch(part -> part.contains("nodes/proxy"))
                    .noneMatch(
                        part ->
                            part.matches("(create|update|patch|delete) (namespaces|nodes|pods)")));
    assertThat(granted.namespace().values())
        .allSatisfy(parts -> assertThat(parts).noneMatch(part -> part.contains("*")));
  }

  @Test
  void oneAdditionalVerbIsDetected() throws IOException {
    var changed = BundleFiles.read(OlmBundle.DIRECTORY);
    ((ObjectNode) changed.strategy().at("/clusterPermissions/0/rules/0"))
        .withArray("/verbs")
        .add("update");

    assertThat(Grants.of(changed)).isNotEqualTo(Grants.of(bundle));
  }
}
