package io.cgrouppolicy.delivery.helm;

import io.cgrouppolicy.testing.Command;
import io.cgrouppolicy.testing.Tool;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Renders the chart with Helm, for gates.
public final class Chart {
  static final String RELEASE = "cgroup-policy-operator";

  /// It names a registry: without one, and without a digest, the chart refuses to be installed.
  static final String VALUES = "delivery/src/test/resources/chart/default.yaml";

  /// In these values.
  static final String REGISTRY = "registry.test/";

  private static final Tool HELM = Tool.named("helm");

  private Chart() {}

  /// A file of values for tests.
  static String values(String name) {
    return Path.of("delivery/src/test/resources/chart", name + ".yaml").toString();
  }

  /// The objects of a release in a namespace.
  ///
  /// @param more arguments of `helm template`, such as values
  public static String template(String namespace, String... more) {
    return answer(namespace, more).success();
  }

  /// The same, for values that may be rejected.
  static Command.Answer answer(String namespace, String... more) {
    var arguments =
        new ArrayList<>(
            List.of(
                "template",
                RELEASE,
                ChartFiles.CHART.toString(),
                "--namespace",
                namespace,
                "--values",
                VALUES));
    arguments.addAll(List.of(more));
    return HELM.run(arguments.toArray(String[]::new));
  }
}
