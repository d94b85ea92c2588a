package io.cgrouppolicy.delivery.docs;

import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.Check.Area;
import io.cgrouppolicy.delivery.Generated;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;

/// docs/checks.md, generated from the catalog.
public final class ChecksPage implements Generated {
  @Override
  public Map<Path, String> files() {
    return Map.of(Path.of("docs/checks.md"), render());
  }

  private static String render() {
    var page =
        new StringBuilder(
            """
            # Checks

            The ID of a check appears in violations, exceptions, the reason of events, and the label `check` of metrics.
            This page is generated from the catalog in the code (`make manifests`).

            | severity | meaning |
            |---|---|
            | Critical | A workload cannot get its pods, or the node is about to run out of memory. |
            | High | Nothing prevents this, or the state is unknown. |
            | Medium | A problem to fix that takes nothing down on its own. |
            | Low | A recommendation. |
            """);
    for (var area : Area.values()) {
      var name = area.name().charAt(0) + area.name().substring(1).toLowerCase(Locale.ROOT);
      page.append("\n## ").append(name).append('\n');
      Arrays.stream(Check.values())
          .filter(check -> check.area() == area)
          .forEach(
              check ->
                  page.append(
                      """

                      ### %s

                      %s

                      - **Severity:** %s
                      - **Why it matters:** %s
                      - **What to do:** %s
                      """
                          .formatted(
                              check.name(),
                              check.meaning(),
                              check.severity(),
                              check.reason(),
                              check.advice())));
    }
    return page.toString();
  }
}
