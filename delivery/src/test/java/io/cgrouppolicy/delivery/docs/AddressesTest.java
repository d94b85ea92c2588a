package io.cgrouppolicy.delivery.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.delivery.Project;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// Addresses in what users install and read: links to the project lead to the repository that
/// pom.xml names, which the release workflow compares with its own, and no others are made up.
class AddressesTest {
  private static final List<String> READ =
      List.of(
          "README.md",
          "SECURITY.md",
          "CONTRIBUTING.md",
          "CHANGELOG.md",
          ".github",
          "charts",
          "config",
          "docs",
          "olm-bundle");

  private static final Pattern OURS = Pattern.compile("github\\.com/cgroup-policy[^\\s\"')]*");
  private static final Pattern RESERVED =
      Pattern.compile("[\\w.@:/-]*\\bexample\\.(com|org|net|test)[\\w./:-]*");
  private static final Pattern UNFINISHED =
      Pattern.compile("(?i)\\b(todo|fixme|changeme|your-org)\\b");

  @Test
  void linksToTheProjectAreToItsRepository() throws IOException {
    var url = Project.url().replace("https://", "");
    assertThat(found(OURS, link -> !link.matches(Pattern.quote(url) + "([./].*)?"))).isEmpty();
    assertThat(found(OURS, link -> true)).hasSizeGreaterThan(20);
  }

  /// Labels are named like this where each cluster has its own.
  @Test
  void reservedDomainsAreInLabelsOnly() throws IOException {
    assertThat(found(RESERVED, address -> !address.matches("example\\.com(/[a-z]+:?)?"))).isEmpty();
  }

  @Test
  void nothingIsLeftToFillIn() throws IOException {
    assertThat(found(UNFINISHED, word -> true)).isEmpty();
  }

  private static List<String> found(Pattern pattern, Predicate<String> wrong) throws IOException {
    var found = new ArrayList<String>();
    for (var root : READ) {
      try (var files = Files.walk(Path.of(root))) {
        for (var file : files.filter(Files::isRegularFile).filter(Page::isText).toList()) {
          pattern
              .matcher(Files.readString(file))
              .results()
              .map(MatchResult::group)
              .filter(wrong)
              .forEach(text -> found.add(file + ": " + text));
        }
      }
    }
    return found;
  }
}
