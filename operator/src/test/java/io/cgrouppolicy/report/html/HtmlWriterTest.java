package io.cgrouppolicy.report.html;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.check.Sha256;
import io.cgrouppolicy.report.Report;
import io.cgrouppolicy.report.ReportFixture;
import java.io.StringReader;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class HtmlWriterTest {
  private static final Instant NOW = Instant.parse("2026-11-30T15:04:05Z");

  private static final Pattern STYLE = Pattern.compile("(?s)<style>(.*?)</style>");
  private static final Pattern SCRIPT = Pattern.compile("(?s)<script>(.*?)</script>");

  private static String write(Report report) {
    return HtmlWriter.write(report, NOW);
  }

  private static String group(Pattern pattern, String html) {
    var found = pattern.matcher(html);
    assertThat(found.find()).isTrue();
    return found.group(1);
  }

  private static String withoutProgram(String html) {
    return SCRIPT
        .matcher(STYLE.matcher(html).replaceFirst("<style></style>"))
        .replaceFirst("<script></script>");
  }

  /// The page is XML too, apart from what style and script contain.
  private static Document parse(String html) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(withoutProgram(html))));
  }

  private static List<Element> elements(NodeList list) {
    var elements = new ArrayList<Element>();
    for (int i = 0; i < list.getLength(); i++) {
      elements.add((Element) list.item(i));
    }
    return elements;
  }

  static Stream<Report> reports() {
    return Stream.of(ReportFixture.report(), ReportFixture.manifests(), ReportFixture.compliant());
  }

  @ParameterizedTest
  @MethodSource("reports")
  void isWellFormedWithUniqueIdentifiersAndWorkingLinks(Report report) throws Exception {
    var page = parse(write(report));
    var all = elements(page.getElementsByTagName("*"));
    var ids = all.stream().map(element -> element.getAttribute("id")).filter(id -> !id.isEmpty());
    var known = ids.toList();
    assertThat(known).doesNotHaveDuplicates();
    var links = elements(page.getElementsByTagName("a")).stream().map(a -> a.getAttribute("href"));
    assertThat(links).isNotEmpty().allMatch(link -> known.contains(link.substring(1)));
    assertThat(all.stream().map(element -> element.getAttribute("aria-labelledby")))
        .allMatch(id -> id.isEmpty() || known.contains(id));
  }

  @ParameterizedTest
  @MethodSource("reports")
  void loadsNothing(Report report) throws Exception {
    var html = write(report);
    var loading = List.of("src", "srcset", "action", "data", "poster", "style", "background");
    assertThat(elements(parse(html).getElementsByTagName("*")))
        .allSatisfy(
            element -> {
              loading.forEach(name -> assertThat(element.hasAttribute(name)).as(name).isFalse());
              var attributes = element.getAttributes();
              for (int i = 0; i < attributes.getLength(); i++) {
                assertThat(attributes.item(i).getNodeName()).doesNotStartWith("on");
              }
              if (element.hasAttribute("href")) {
                assertThat(element.getAttribute("href")).matches("#.*|data:,");
              }
            });
    assertThat(group(STYLE, html)).doesNotContain("@import", "http", "@font-face");
    assertThat(group(SCRIPT, html)).doesNotContain("http", "fetch", "eval", "innerHTML");
  }

  @Test
  void permitsOnlyItsOwnStyleAndScript() throws Exception {
    var html = write(ReportFixture.report());
    var policy =
        elements(parse(html).getElementsByTagName("meta")).stream()
            .filter(meta -> meta.getAttribute("http-equiv").equals("Content-Security-Policy"))
            .findFirst()
            .orElseThrow()
            .getAttribute("content");
    assertThat(policy.split("; "))
        .containsExactly(
            "default-src 'none'",
            "img-src data:",
            "style-src 'sha256-%s'".formatted(digest(group(STYLE, html))),
            "script-src 'sha256-%s'".formatted(digest(group(SCRIPT, html))),
            "base-uri 'none'",
            "form-action 'none'");
  }

  private static String digest(String text) {
    return Base64.getEncoder().encodeToString(Sha256.of(text));
  }

  @ParameterizedTest
  @MethodSource("reports")
  void textsOfTheClusterStayTexts(Report report) throws Exception {
    var html = write(report);
    var page = parse(html);
    assertThat(page.getElementsByTagName("script").getLength()).isEqualTo(1);
    assertThat(page.getElementsByTagName("img").getLength()).isZero();
    assertThat(withoutProgram(html))
        .doesNotContain("<b>shop", "onerror=\"", "\u202E", ReportFixture.HOSTILE);
  }

  @Test
  void hostileTextsAreShownAsTheyAre() throws Exception {
    var text = parse(write(ReportFixture.report())).getDocumentElement().getTextContent();
    assertThat(text)
        .contains(ReportFixture.HOSTILE_NAMESPACE)
        .contains(ReportFixture.HOSTILE.replace('\u202E', '?'));
  }

  @ParameterizedTest
  @MethodSource("reports")
  void listsEveryFinding(Report report) throws Exception {
    var rows =
        elements(parse(write(report)).getElementsByTagName("table")).stream()
            .filter(table -> table.getAttribute("class").contains("findings"))
            .flatMap(table -> elements(table.getElementsByTagName("tr")).stream().skip(1))
            .map(Element::getTextContent)
            .toList();
    var violations = report.policies().stream().flatMap(Report::violations).toList();
    assertThat(rows).hasSize(violations.size());
    for (var violation : violations) {
      var message = violation.message().replace('\u202E', '?');
      assertThat(rows).anyMatch(row -> row.contains(message) && row.contains(violation.name()));
    }
  }

  @Test
  void saysWhatIsWorstFirst() {
    assertThat(write(ReportFixture.report()))
        .contains("<h2 id=\"summary-title\">Act now: 4 critical findings</h2>")
        .contains("<p>Concerns 2 namespaces and 1 node.</p>")
        .contains("30 November 2026, 15:04 UTC");
    assertThat(write(ReportFixture.compliant()))
        .contains("<h2 id=\"summary-title\">No findings</h2>");
    assertThat(write(ReportFixture.manifests()))
        .contains("<h2 id=\"summary-title\">At risk: 1 high finding</h2>")
        .contains("The policies have 1 problem, too.")
        .contains("deploy/&lt;web&gt;.yaml");
  }

  @Test
  void showsTheWorstNodesOfManyAndSaysHowManyAreLeftOut() throws Exception {
    var html = write(ReportFixture.large(10_000));
    assertThat(html)
        .contains("The 200 worst nodes are shown", "4,800 nodes more are left out here")
        .hasSizeLessThan(6_000_000);
    var nodes =
        elements(parse(html).getElementsByTagName("table")).stream()
            .filter(table -> table.getAttribute("class").contains("nodes"))
            .findFirst()
            .orElseThrow();
    var rows = elements(nodes.getElementsByTagName("tr"));
    assertThat(rows).hasSize(201);
    assertThat(rows.get(1).getTextContent()).contains("39 of 60");
  }
}
