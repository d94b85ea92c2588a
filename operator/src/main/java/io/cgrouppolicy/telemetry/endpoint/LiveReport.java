package io.cgrouppolicy.telemetry.endpoint;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import org.jboss.logging.Logger;

/// Serves the page with the operator's findings.
@ApplicationScoped
class LiveReport {
  static final String PATH = "/report";
  private static final Logger LOG = Logger.getLogger(LiveReport.class);

  private final boolean enabled;
  private final MetricsAccess access;
  private final CachedPage page;

  LiveReport(
      Vertx vertx,
      KubernetesClient client,
      EndpointSettings endpoint,
      ReportSettings settings,
      ReportSource source) {
    long maxAge = Math.max(1, settings.maxAge().toMillis());
    this.enabled = settings.enabled();
    this.access = new MetricsAccess(client, endpoint, PATH);
    this.page = new CachedPage(source, old -> vertx.setTimer(maxAge, timer -> old.run()));
  }

  boolean enabled() {
    return enabled;
  }

  MetricsAccess access() {
    return access;
  }

  /// Answers a permitted request, without blocking.
  void answer(RoutingContext context) {
    var loop = Vertx.currentContext();
    Thread.ofVirtual()
        .name("report")
        .start(
            () -> {
              try {
                var written = page.get();
                loop.runOnContext(unused -> answer(context, written));
              } catch (RuntimeException e) {
                LOG.error("writing the report", e);
                loop.runOnContext(
                    unused -> MetricsListener.answer(context, 500, "the report failed"));
              }
            });
  }

  private static void answer(RoutingContext context, Optional<Buffer> page) {
    if (page.isEmpty()) {
      MetricsListener.answer(context, 503, "this replica does not lead: ask the other");
      return;
    }
    context
        .response()
        .putHeader("Content-Type", "text/html; charset=utf-8")
        .putHeader("Cache-Control", "no-store")
        .putHeader("Content-Security-Policy", "frame-ancestors 'none'") // besides that of the page
        .putHeader("X-Content-Type-Options", "nosniff")
        .end(page.get());
  }
}
