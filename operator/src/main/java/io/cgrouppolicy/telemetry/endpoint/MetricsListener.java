package io.cgrouppolicy.telemetry.endpoint;

import io.quarkus.runtime.QuarkusBindException;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.security.ForbiddenException;
import io.quarkus.tls.CertificateUpdatedEvent;
import io.quarkus.tls.TlsConfiguration;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.quarkus.vertx.http.ManagementInterface;
import io.quarkus.vertx.http.runtime.options.HttpServerCommonHandlers;
import io.quarkus.vertx.http.runtime.security.QuarkusHttpUser;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.auth.User;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.net.BindException;
import java.security.KeyStoreException;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/// The socket of Quarkus' management interface, whose routes, TLS configuration and security are
/// Quarkus' own. Quarkus would open it without a limit of connections or a deadline for the head of
/// a request: docs/adr/0011-metrics-endpoint.md.
@ApplicationScoped
class MetricsListener {
  static final String PATH = "/metrics";
  private static final Logger LOG = Logger.getLogger(MetricsListener.class);

  /// Longest head of a request: tokens with many groups are some kilobytes.
  private static final int MAX_HEAD = 16 << 10;

  private static final int MOST_CONNECTIONS = 100;

  /// For the handshake, and for the head of the first request.
  private static final Duration HEAD = Duration.ofSeconds(10);

  /// From a response to the next request; above the usual intervals of scrapes.
  private static final Duration NEXT = Duration.ofSeconds(150);

  private final Vertx vertx;
  private final EndpointSettings settings;
  private final TlsConfiguration tls;
  private final Connections connections;

  private Router router;
  private HttpServer server;

  MetricsListener(Vertx vertx, EndpointSettings settings, TlsConfigurationRegistry registry) {
    this.vertx = vertx;
    this.settings = settings;
    this.tls = registry.get(MetricsKeyStore.NAME).orElseThrow();
    this.connections = new Connections(vertx, MOST_CONNECTIONS, HEAD, NEXT);
  }

  /// Before Quarkus authenticates: whatever is not a scrape goes no further.
  synchronized void route(@Observes ManagementInterface management) {
    router = management.router();
    router
        .route()
        .order(Integer.MIN_VALUE)
        .handler(this::admit)
        .failureHandler(MetricsListener::refuse);
  }

  private void admit(RoutingContext context) {
    var request = context.request();
    connections.asked(request.connection());
    context.addEndHandler(ended -> connections.answered(request.connection()));
    if (!PATH.equals(request.path())) {
      answer(context, 404, "metrics are at " + PATH);
    } else if (request.method() != HttpMethod.GET) {
      context.response().putHeader("Allow", "GET");
      answer(context, 405, "only GET");
    } else {
      context.next();
    }
  }

  private static void refuse(RoutingContext context) {
    if (context.response().ended()) {
      return;
    }
    switch (context.failure()) {
      case Refusal refusal -> answer(context, refusal.code(), refusal.getMessage());
      case ForbiddenException forbidden ->
          answer(context, 403, name(context.user()) + " may not get the URL " + PATH);
      case null, default -> context.next(); // to Quarkus
    }
  }

  private static String name(User user) {
    return ((QuarkusHttpUser) user).getSecurityIdentity().getPrincipal().getName();
  }

  private static void answer(RoutingContext context, int code, String message) {
    context
        .response()
        .setStatusCode(code)
        .putHeader("Content-Type", "text/plain; charset=utf-8")
        .end(message + "\n");
  }

  /// Before the operator itself starts, whose metrics show how that goes.
  void start(@Observes @Priority(1) StartupEvent event) throws IOException {
    if (!settings.secure()) {
      LOG.warn("metrics are served without TLS, to anyone who can reach the port");
    }
    listen();
  }

  /// With a certificate that was broken so far. What is open already needs nothing.
  void reloaded(@Observes CertificateUpdatedEvent event) throws IOException {
    if (event.name().equals(MetricsKeyStore.NAME)) {
      listen();
    }
  }

  private synchronized void listen() throws IOException {
    boolean early = router == null; // a reload during the start
    if (early || server != null || settings.secure() && !hasCertificate()) {
      return;
    }
    var options =
        connections
            .options()
            .setHost(settings.host())
            .setPort(settings.port())
            .setMaxHeaderSize(MAX_HEAD); // and no compression, which would load native code
    if (settings.secure()) {
      options.setSsl(true).setKeyCertOptions(tls.getKeyStoreOptions());
    }
    var routes = HttpServerCommonHandlers.enforceDuplicatedContext(router, false);
    var starting =
        vertx
            .createHttpServer(options)
            .connectionHandler(connections::opened)
            .requestHandler(
                request -> {
                  // Quarkus' CORS handler comes first and logs an error for each unwanted origin.
                  request.headers().remove("Origin");
                  routes.handle(request);
                });
    await(starting.listen());
    server = starting;
    LOG.infof(
        "metrics are served at %s://%s:%d%s",
        settings.secure() ? "https" : "http", settings.host(), server.actualPort(), PATH);
  }

  private boolean hasCertificate() {
    try {
      return tls.getKeyStore().size() > 0;
    } catch (KeyStoreException e) {
      throw new IllegalStateException(e);
    }
  }

  private void await(io.vertx.core.Future<?> future) throws IOException {
    try {
      future.toCompletionStage().toCompletableFuture().orTimeout(10, TimeUnit.SECONDS).join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof BindException taken) {
        throw new QuarkusBindException(settings.host(), settings.port(), taken);
      }
      throw new IOException(e.getCause());
    }
  }

  synchronized void stop(@Observes ShutdownEvent event) {
    if (server != null) {
      server.close();
    }
  }
}
