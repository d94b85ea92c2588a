package io.cgrouppolicy.delivery.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// No file uses the words that docs/style.md lists. The list is there and nowhere else.
class StyleTest {
  private static final Path STYLE = Path.of("docs/style.md");
  private static final List<Path> DIRECTORIES =
      Stream.of(
              ".ci",
              ".github",
              "charts",
              "cli/src",
              "config",
              "crds",
              "delivery/src",
              "docs",
              "hack",
              "olm-bundle",
              "operator/src")
          .map(Path::of)
          .toList();

  /// No checksums, pictures or clusters; and no Go, where a changed comment rebuilds a program.
  private static final Pattern OTHERS = Pattern.compile(".*(\\.(go|sum|svg)|/\\.state/.*)");

  /// The break between two lines of a comment or of a literal.
  private static final Pattern LINE_END =
      Pattern.compile("\"?\\s*\\n\\s*(///?|#|--|\\+ \")?[ \\t]*");

  @Test
  void noFileUsesABannedWord() throws IOException {
    var banned = banned(Files.readString(STYLE));
    var found = new ArrayList<String>();
    var files = files();
    for (var file : files) {
      found.addAll(uses(banned, file.toString(), Files.readString(file)));
    }
    assertThat(files).hasSizeGreaterThan(500);
    assertThat(found).as("see docs/style.md").isEmpty();
  }

  @Test
  void findsAWordInAnyCaseAndAcrossLines() {
    var banned = banned("| `is told`, `authoris*` | x |\n| instead of `whoever` | x |\n");
    assertThat(uses(banned, "a", "/// it Is\n  /// told.")).containsExactly("a: Is told");
    assertThat(uses(banned, "a", "\"is \"\n    + \"told\"")).containsExactly("a: is told");
    assertThat(uses(banned, "a", "kubelets authorise it")).containsExactly("a: authorise");
    assertThat(uses(banned, "a", "axis told, is toldable, whoever, authorized")).isEmpty();
  }

  private static Pattern banned(String page) {
    return Pattern.compile(
        page.lines()
            .filter(line -> line.startsWith("| `"))
            .flatMap(line -> Pattern.compile("`([^`]+)`").matcher(line.split("\\|")[1]).results())
            .map(match -> match.group(1).replace("*", "\\w*"))
            .collect(Collectors.joining("|", "\\b(", ")\\b")),
        Pattern.CASE_INSENSITIVE);
  }

  private static List<String> uses(Pattern banned, String name, String text) {
    return banned
        .matcher(LINE_END.matcher(text).replaceAll(" ").replaceAll(" +", " "))
        .results()
        .map(MatchResult::group)
        .map(word -> name + ": " + word)
        .toList();
  }

  private static List<Path> files() throws IOException {
    var files = new ArrayList<Path>();
    for (var directory : DIRECTORIES) {
      try (var found = Files.walk(directory)) {
        found.filter(Files::isRegularFile).forEach(files::add);
      }
    }
    try (var root = Files.list(Path.of(""))) {
      root.filter(file -> file.toString().matches("Makefile|.*\\.(md|xml)")).forEach(files::add);
    }
    files.remove(STYLE);
    files.removeIf(file -> file.endsWith("StyleTest.java") || !Page.isText(file));
    files.removeIf(file -> OTHERS.matcher(file.toString()).matches());
    return files;
  }
}
