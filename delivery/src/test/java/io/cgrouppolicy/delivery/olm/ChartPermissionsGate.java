package io.cgrouppolicy.delivery.olm;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.delivery.Yaml;
import io.cgrouppolicy.delivery.helm.Chart;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/// By default, the chart grants the same permissions as the bundle; see [PermissionsAreEqualTest].
class ChartPermissionsGate {
  @Test
  void theAccountsAreGrantedTheSame() throws IOException {
    var objects = Yaml.readAll(Chart.template("cgroup-policy-system"));
    // The chart has no namespace, because Helm creates it.
    objects.removeIf(object -> Yaml.kind(object).equals("Namespace"));
    var namespace = Yaml.object();
    namespace.put("apiVersion", "v1").put("kind", "Namespace");
    namespace.putObject("metadata").put("name", "cgroup-policy-system");
    objects.add(namespace);

    assertThat(Grants.of(objects)).isEqualTo(Grants.of(BundleFiles.read(OlmBundle.DIRECTORY)));
  }
}
