package io.cgrouppolicy.report.html;

import io.cgrouppolicy.core.check.DisplayText;
import io.cgrouppolicy.core.check.Sha256;
import io.cgrouppolicy.report.Report;
import io.quarkus.qute.Engine;
import io.quarkus.qute.Expression;
import io.quarkus.qute.HtmlEscaper;
import io.quarkus.qute.RawString;
import io.quarkus.qute.ReflectionValueResolver;
import io.quarkus.qute.Template;
import io.quarkus.qute.Variant;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;

/// Writes a report as one HTML page for a browser. The page loads nothing, and its
/// Content-Security-Policy permits only its own style and script, by their digests: a text of the
/// cluster that escaped its element could still do nothing.
public final class HtmlWriter {
  private static final String STYLE = resource("report.css");
  private static final String SCRIPT = resource("report.js");
  private static final String CONTENT_SECURITY_POLICY =
      "default-src 'none'; img-src data:; style-src %s; script-src %s; base-uri 'none'; form-action 'none'"
          .formatted(digest(STYLE), digest(SCRIPT));

  private static final Template TEMPLATE = template();

  private HtmlWriter() {}

  /// @param now when the cluster was looked at
  public static String write(Report report, Instant now) {
    return TEMPLATE
        .data("page", Page.of(report, now))
        .data("style", new RawString(STYLE))
        .data("script", new RawString(SCRIPT))
        .data("csp", CONTENT_SECURITY_POLICY)
        .render();
  }

  private static String digest(String text) {
    return "'sha256-" + Base64.getEncoder().encodeToString(Sha256.of(text)) + "'";
  }

  private static Template template() {
    var engine =
        Engine.builder()
            .addDefaults()
            .addValueResolver(new ReflectionValueResolver())
            .addResultMapper(new Escaper())
            .removeStandaloneLines(true)
            .build();
    var html = Variant.forContentType(Variant.TEXT_HTML);
    engine.putTemplate("bar", engine.parse(resource("bar.html"), html, "bar.html"));
    return engine.parse(resource("report.html"), html, "report.html");
  }

  /// Escapes every value that is not a [RawString], and removes what displays can be deceived with.
  private static final class Escaper extends HtmlEscaper {
    Escaper() {
      super(List.of(Variant.TEXT_HTML));
    }

    @Override
    public String map(Object value, Expression expression) {
      return super.map(DisplayText.printable(value.toString(), "?"), expression);
    }
  }

  private static String resource(String name) {
    try (var stream = HtmlWriter.class.getResourceAsStream(name)) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
