package io.cgrouppolicy.delivery.monitoring;

import io.cgrouppolicy.testing.Kubectl;
import io.cgrouppolicy.testing.Tool;
import java.util.List;

/// The CRDs of the Prometheus Operator, from its Go module, which `hack/tools/prometheus-operator`
/// pins. For gates; tests that need the kinds but no validation use
/// `prometheus-operator-crds.yaml`.
public final class PrometheusOperatorCrds {
  private static final String MODULE = "github.com/prometheus-operator/prometheus-operator";

  private PrometheusOperatorCrds() {}

  /// Installs the CRDs of the kinds that we deliver, and waits until they are served.
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
