package io.cgrouppolicy.delivery.helm;

import io.cgrouppolicy.testing.Command;
import io.cgrouppolicy.testing.Tool;
import java.util.ArrayList;
import java.util.List;

/// What Helm makes of the chart, for gates.
public final class Chart {
  static final String RELEASE = "cgroup-policy-operator";

  private static final Tool HELM = Tool.named("helm");

  private Chart() {}

  /// Its objects, of a release in a namespace.
  ///
  /// @param more arguments of `helm template`, such as values
  public static String template(String namespace, String... more) {
    return answer(namespace, more).success();
  }

  /// The same, where it may be refused.
  static Command.Answer answer(String namespace, String... more) {
    var arguments =
        new ArrayList<>(
            List.of("template", RELEASE, ChartFiles.CHART.toString(), "--namespace", namespace));
    arguments.addAll(List.of(more));
    return HELM.run(arguments.toArray(String[]::new));
  }
}
