package io.cgrouppolicy.delivery;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// CHANGELOG.md: a section for each version, the newest first.
public record Changelog(String text) {
  private static final Pattern VERSION = Pattern.compile("(?m)^## ([0-9]\\S*).*\n");

  public static Changelog read() throws IOException {
    return new Changelog(Files.readString(Path.of("CHANGELOG.md")));
  }

  /// What changed in a version.
  ///
  /// @throws IllegalArgumentException when there is no section for it
  public String notes(String version) {
    var heading = heading(version);
    int begin = heading.end();
    return text.substring(begin, heading.find() ? heading.start() : text.length()).strip() + "\n";
  }

  /// The version before.
  public Optional<String> before(String version) {
    var heading = heading(version);
    return heading.find() ? Optional.of(heading.group(1)) : Optional.empty();
  }

  private Matcher heading(String version) {
    var heading = VERSION.matcher(text);
    while (heading.find()) {
      if (heading.group(1).equals(version)) {
        return heading;
      }
    }
    throw new IllegalArgumentException("CHANGELOG.md has no section \"## " + version + "\"");
  }
}
