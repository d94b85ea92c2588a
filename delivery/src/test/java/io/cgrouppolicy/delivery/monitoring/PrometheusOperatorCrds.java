package io.cgrouppolicy.delivery.monitoring;

import io.cgrouppolicy.testing.Kubectl;
import io.cgrouppolicy.testing.Tool;
import java.util.List;

/// The CRDs of the Prometheus Operator as it ships them, from its Go module, for gates:
/// `hack/tools/prometheus-operator` pins it. Tests that need the kinds and no judgement of what is
/// in them have `prometheus-operator-crds.yaml`.
public final class PrometheusOperatorCrds {
  private static final String MODULE = "github.com/prometheus-operator/prometheus-operator";

  private PrometheusOperatorCrds() {}

  /// Installs those of the kinds that we deliver, and waits until objects of them can be made.
  public static void install(Kubectl kubectl) {
    var crds =
        Tool.source("prometheus-operator", MODULE).resolve("example/prometheus-operator-crd");
    for (var plural : List.of("prometheusrules", "servicemonitors")) {
      var file = crds.resolve("monitoring.coreos.com_" + plural + ".yaml");
      kubectl.succeed("apply", "--server-side", "-f", file.toString());
      kubectl.awaitEstablished(plural + ".monitoring.coreos.com");
    }
  }
}
