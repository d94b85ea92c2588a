package io.cgrouppolicy.compliance;

import io.cgrouppolicy.compliance.Check.Area;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/// docs/checks.md, which comes from the catalogue.
public final class ChecksPage {
  static final Path FILE = Path.of("docs/checks.md");

  private ChecksPage() {}

  /// Writes the page, in the working directory.
  public static void main(String[] arguments) throws IOException {
    Files.writeString(FILE, render());
  }

  static String render() {
    var page =
        new StringBuilder(
            """
            # Checks

            The id of a check is in the policy's violations, in exceptions, the reason of events, and the label `check` of metrics.
            This page is generated from the catalogue in code (`make manifests`).
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

                      - **Why it matters:** %s
                      - **What to do:** %s
                      """
                          .formatted(
                              check.name(), check.meaning(), check.reason(), check.advice())));
    }
    return page.toString();
  }
}
