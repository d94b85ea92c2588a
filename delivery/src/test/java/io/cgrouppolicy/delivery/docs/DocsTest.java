package io.cgrouppolicy.delivery.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.delivery.ConditionWords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Pages, anchors, settings, metrics and reasons that the documentation names exist.
class DocsTest {
  private static final Pattern NAME = Pattern.compile("[A-Z][a-z0-9]+(?:[A-Z][A-Za-z0-9]*)+");
  private static final Pattern METRIC = Pattern.compile("\\bcgroup_policy_[a-z_]+[a-z]\\b");
  private static final Pattern SETTING = Pattern.compile("\\bCGROUP_POLICY_[A-Z_]+[A-Z]\\b");
  private static final Pattern SUFFIX =
      Pattern.compile("_(total|bucket|count|sum|max)$|_seconds(_bucket|_count|_sum|_max)?$");

  /// A command that a reader could run: at the beginning of a line or, in `console`, after a
  /// prompt.
  private static final String COMMAND =
      "(kubectl|oc|helm|make|mvn|argocd|cosign|podman|docker|opm|operator-sdk|hack/\\S+) ";

  private static final Pattern IN_TEXT = Pattern.compile("(?m)^\\s*(\\$ )?" + COMMAND);
  private static final Pattern IN_CONSOLE = Pattern.compile("(?m)^\\s*\\$ " + COMMAND);

  /// Names of Kubernetes and other projects that occur only in documents.
  private static final Set<String> OTHERS =
      Set.of(
          "HierarchicalResourceQuota",
          "K3sContainer",
          "KubeletConfiguration",
          "OutOfMemoryError",
          "RuntimeDefault",
          "ValidatingAdmissionPolicy");

  private static List<Page> pages;

  @BeforeAll
  static void read() throws IOException {
    pages = Page.all();
  }

  @Test
  void everyLinkWithinTheRepositoryHasATarget() {
    var byPath = pages.stream().collect(Collectors.toMap(Page::path, Function.identity()));
    var broken = new ArrayList<String>();
    for (var page : pages) {
      for (var link : page.links()) {
        if (!link.contains("://") && !leadsSomewhere(page, link, byPath)) {
          broken.add(page.path() + ": " + link);
        }
      }
    }
    assertThat(broken).isEmpty();
  }

  private static boolean leadsSomewhere(Page page, String link, Map<Path, Page> byPath) {
    var parts = link.split("#", 2);
    var from = page.path().getParent() == null ? Path.of("") : page.path().getParent();
    var target = parts[0].isEmpty() ? page.path() : from.resolve(parts[0]).normalize();
    if (parts.length == 1) {
      return Files.exists(target);
    }
    return byPath.containsKey(target) && byPath.get(target).anchors().contains(parts[1]);
  }

  /// hack/readme-test.sh runs blocks fenced as `sh` in all pages. For other blocks, the page or the
  /// README of its directory says that they are not run.
  @Test
  void commandsThatAreNotRunSaySo() {
    var silent = new ArrayList<String>();
    for (var page : pages) {
      for (var block : page.blocks()) {
        var command = block.language().equals("console") ? IN_CONSOLE : IN_TEXT;
        if (!block.language().equals("sh")
            && command.matcher(block.text()).find()
            && !page.text().contains("not run")
            && !besideReadme(page).contains("not run")) {
          silent.add(page.path() + ": " + block.text().lines().findFirst().orElseThrow());
        }
      }
    }
    assertThat(silent).isEmpty();
  }

  private static String besideReadme(Page page) {
    return pages.stream()
        .filter(other -> other.path().equals(page.path().resolveSibling("README.md")))
        .map(Page::text)
        .findFirst()
        .orElse("");
  }

  @Test
  void blocksHaveALanguageThatShowsWhetherTheyAreRun() {
    var others = new TreeSet<String>();
    for (var page : pages) {
      for (var block : page.blocks()) {
        if (Set.of("bash", "shell", "zsh").contains(block.language())) {
          others.add(page.path() + ": " + block.language());
        }
      }
    }
    assertThat(others).isEmpty();
  }

  /// Does not check a default that is another setting.
  @Test
  void everySettingHasARowWithItsDefault() throws IOException {
    var missing = new ArrayList<String>();
    Settings.all()
        .forEach(
            (name, value) -> {
              var shown = value.filter(v -> !v.startsWith("${")).map(v -> "`" + v + "`").orElse("");
              boolean row =
                  pages.stream()
                      .flatMap(page -> page.text().lines())
                      .anyMatch(
                          line -> line.startsWith("| `" + name + "`") && line.contains(shown));
              if (!row) {
                missing.add(name + " " + shown);
              }
            });
    assertThat(missing).isEmpty();
  }

  /// Settings of the operator, and variables of scripts.
  @Test
  void everySettingInAPageExists() throws IOException {
    var known = new TreeSet<>(Settings.all().keySet());
    known.addAll(Identifiers.variables(Path.of("hack")));
    assertThat(unknown(SETTING, known::contains)).isEmpty();
  }

  /// In a page, a metric may have the suffix of its type.
  @Test
  void everyMetricInAPageExists() throws IOException {
    var known =
        Identifiers.literals(Path.of("operator/src/main")).stream()
            .filter(METRIC.asMatchPredicate())
            .collect(Collectors.toSet());
    assertThat(
            unknown(
                METRIC,
                metric ->
                    known.contains(metric)
                        || known.contains(SUFFIX.matcher(metric).replaceFirst(""))))
        .isEmpty();
  }

  /// Checks, conditions, reasons, kinds, classes: all such names in code spans.
  @Test
  void everyNameInAPageExists() throws IOException {
    var known =
        Identifiers.of(
            "operator/src/main",
            "operator/src/test/resources",
            "delivery/src/test/resources",
            "config",
            "crds",
            "charts",
            "olm-bundle");
    known.addAll(Identifiers.files("operator/src/test/java"));
    known.addAll(Identifiers.files("cli/src"));
    known.addAll(Identifiers.files("delivery/src"));
    var unknown = new TreeSet<String>();
    for (var page : pages) {
      page.code().stream()
          .filter(NAME.asMatchPredicate())
          .filter(name -> !known.contains(name) && !OTHERS.contains(name))
          .forEach(name -> unknown.add(page.path() + ": " + name));
    }
    assertThat(unknown).isEmpty();
  }

  @Test
  void theStatusPageHasAllConditionsAndReasons() throws IOException {
    var words = ConditionWords.written();
    assertThat(words).hasSizeGreaterThan(15).contains("InvalidSpec", "HeldByInvalidPolicy");
    var page = Page.read(Path.of("a"), Files.readString(Path.of("docs/status.md")));
    assertThat(page.code()).containsAll(words);
  }

  private static Set<String> unknown(Pattern pattern, Predicate<String> known) {
    var unknown = new TreeSet<String>();
    for (var page : pages) {
      pattern
          .matcher(page.text())
          .results()
          .map(MatchResult::group)
          .filter(known.negate())
          .forEach(word -> unknown.add(page.path() + ": " + word));
    }
    return unknown;
  }
}
