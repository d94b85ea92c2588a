package io.cgrouppolicy.telemetry.endpoint;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.quarkus.runtime.QuarkusBindException;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.vertx.http.ManagementInterface;
import io.quarkus.vertx.http.runtime.options.HttpServerCommonHandlers;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.net.SSLOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.net.BindException;
import java.security.KeyStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/// The socket of Quarkus's management interface, and the gate before its routes. Quarkus would open
/// it without a limit of connections or a deadline for the head of a request, and would exit with a
/// broken certificate: docs/adr/0011-metrics-endpoint.md.
@ApplicationScoped
class MetricsListener {
  static final String PATH = "/metrics";
  private static final Logger LOG = Logger.getLogger(MetricsListener.class);

  /// Longest head of a request: tokens with many groups are some kilobytes.
  private static final int MAX_HEAD = 16 << 10;

  private static final int MOST_CONNECTIONS = 100;

  /// For the handshake, and for the head of the first request.
  private static final Duration HEAD = Duration.ofSeconds(10);

  /// From one request to the next; above the usual intervals of scrapes.
  private static final Duration NEXT = Duration.ofSeconds(150);

  private final Vertx vertx;
  private final EndpointSettings settings;
  private final ServingCertificate certificate;
  private final MetricsAccess access;
  private final LiveReport report;
  private final Connections connections;

  private Router router;
  private volatile HttpServer server;
  private KeyStore.PrivateKeyEntry serving;
  private String complaint;

  MetricsListener(
      Vertx vertx,
      EndpointSettings settings,
      KubernetesClient client,
      LiveReport report,
      InstantSource clock,
      @ConfigProperty(name = "cgroup-policy.namespace") String namespace) {
    this.vertx = vertx;
    this.settings = settings;
    this.access = new MetricsAccess(client, settings, PATH);
    this.report = report;
    this.certificate =
        new ServingCertificate(
            vertx,
            settings.tlsDirectory(),
            List.of("cgroup-policy-operator-metrics." + namespace + ".svc", "localhost"),
            clock);
    this.connections = new Connections(vertx, MOST_CONNECTIONS, HEAD, NEXT);
  }

  /// Runs before all other routes, and passes only authorized clients.
  void route(@Observes ManagementInterface management) {
    router = management.router();
    router.route().order(Integer.MIN_VALUE).handler(this::admit);
  }

  private void admit(RoutingContext context) {
    var request = context.request();
    connections.asked(request.connection());
    boolean isReport = LiveReport.PATH.equals(request.path()) && report.enabled();
    if (!PATH.equals(request.path()) && !isReport) {
      answer(context, 404, "metrics are at " + PATH);
    } else if (request.method() != HttpMethod.GET) {
      context.response().putHeader("Allow", "GET");
      answer(context, 405, "only GET");
    } else if (isReport) {
      review(context, report.access(), () -> report.answer(context));
    } else if (settings.secure()) {
      review(context, access, context::next);
    } else {
      context.next();
    }
  }

  private void review(RoutingContext context, MetricsAccess access, Runnable permitted) {
    var request = context.request().pause();
    var loop = Vertx.currentContext();
    access
        .refusal(request.headers().getAll("Authorization"))
        .thenAccept(
            refusal ->
                loop.runOnContext(
                    unused -> {
                      request.resume();
                      if (refusal == null) {
                        permitted.run();
                        return;
                      }
                      if (refusal.code() == 401) {
                        context.response().putHeader("WWW-Authenticate", "Bearer");
                      }
                      answer(context, refusal.code(), refusal.getMessage());
                    }));
  }

  static void answer(RoutingContext context, int code, String message) {
    context
        .response()
        .setStatusCode(code)
        .putHeader("Content-Type", "text/plain; charset=utf-8")
        .end(message + "\n");
  }

  /// Runs before the operator starts, so that metrics show its start.
  void start(@Observes @Priority(1) StartupEvent event) throws IOException {
    if (!settings.secure()) {
      LOG.warn("metrics are served without TLS, to anyone who can reach the port");
      listen(null);
      return;
    }
    follow();
    vertx.setPeriodic(
        settings.reloadPeriod().toMillis(),
        id ->
            vertx
                .executeBlocking(this::follow)
                .onFailure(e -> LOG.error("the certificate of the metrics cannot be used", e)));
  }

  /// Serves the current certificate. A broken one affects only the metrics: until it is fixed, they
  /// are served with the previous certificate, or not at all. Never runs twice at a time: the event
  /// loop of the timer orders its blocking calls.
  private Void follow() throws IOException {
    KeyStore.PrivateKeyEntry wanted;
    try {
      wanted = certificate.current();
    } catch (IOException e) {
      if (!e.getMessage().equals(complaint)) {
        complaint = e.getMessage();
        LOG.errorf(
            "%s: %s",
            serving == null
                ? "metrics are not served until this is fixed"
                : "metrics are still served with the certificate from before",
            complaint);
      }
      return null;
    }
    complaint = null;
    if (serving != null && wanted.getCertificate().equals(serving.getCertificate())) {
      return null;
    }
    if (server == null) {
      listen(wanted);
    } else {
      var keys = ServingCertificate.options(wanted);
      await(server.updateSSLOptions(new SSLOptions().setKeyCertOptions(keys)));
    }
    serving = wanted;
    LOG.infof(
        "the certificate of the metrics is %s",
        certificate.isOwn(wanted)
            ? "self-signed: there is none in " + settings.tlsDirectory()
            : "that of " + settings.tlsDirectory());
    return null;
  }

  /// @param entry null for plain HTTP
  private void listen(KeyStore.PrivateKeyEntry entry) throws IOException {
    var options =
        connections
            .options()
            .setHost(settings.host())
            .setPort(settings.port())
            .setMaxHeaderSize(MAX_HEAD); // no compression, which would load native code
    if (entry != null) {
      options.setSsl(true).setKeyCertOptions(ServingCertificate.options(entry));
    }
    var routes = HttpServerCommonHandlers.enforceDuplicatedContext(router, false);
    var starting =
        vertx
            .createHttpServer(options)
            .connectionHandler(connections::opened)
            .requestHandler(
                request -> {
                  // Otherwise Quarkus's CORS handler runs first, and logs an error for each foreign
                  // origin.
                  request.headers().remove("Origin");
                  routes.handle(request);
                });
    await(starting.listen());
    server = starting;
    LOG.infof(
        "metrics are served at %s://%s:%d%s",
        entry == null ? "http" : "https", settings.host(), server.actualPort(), PATH);
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

  void stop(@Observes ShutdownEvent event) {
    if (server != null) {
      server.close();
    }
  }
}
