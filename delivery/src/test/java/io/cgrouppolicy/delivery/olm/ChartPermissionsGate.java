package io.cgrouppolicy.delivery.olm;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.delivery.Yaml;
import io.cgrouppolicy.delivery.helm.Chart;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/// What the chart grants by default is what the bundle grants; see [PermissionsAreEqualTest].
class ChartPermissionsGate {
  @Test
  void theOperatorIsGrantedTheSame() throws IOException {
    var objects = Yaml.readAll(Chart.template("cgroup-policy-system"));
    // Helm makes the namespace, so it is not among them.
    objects.removeIf(object -> Yaml.kind(object).equals("Namespace"));
    var namespace = Yaml.object();
    namespace.put("apiVersion", "v1").put("kind", "Namespace");
    namespace.putObject("metadata").put("name", "cgroup-policy-system");
    objects.add(namespace);

    assertThat(Grants.of(objects)).isEqualTo(Grants.of(BundleFiles.read(OlmBundle.DIRECTORY)));
  }
}
