package io.cgrouppolicy.telemetry.endpoint;

import io.cgrouppolicy.telemetry.endpoint.MetricsAccess.Answer;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.prometheus.PrometheusMeterRegistry;
import io.prometheus.client.exporter.common.TextFormat;
import io.quarkus.runtime.QuarkusBindException;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.KeyCertOptions;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.net.BindException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/// Serves the metrics at `/metrics` on a port of their own, over TLS and to those only who may read
/// them, unless that is switched off.
///
/// A broken certificate is said in the log and stops nothing but the metrics: until it is mended,
/// they are not served, or with the one that they were served with before.
@ApplicationScoped
public class MetricsEndpoint {
  static final String PATH = "/metrics";
  private static final Logger LOG = Logger.getLogger(MetricsEndpoint.class);

  /// Longest head of a request: tokens with many groups are some kilobytes.
  private static final int MAX_HEAD = 16 << 10;

  private static final int MOST_CONNECTIONS = 100;

  /// For the handshake, and for the head of the first request.
  private static final Duration HEAD = Duration.ofSeconds(10);

  /// From an answer to the next request; above the usual intervals of scrapes.
  private static final Duration NEXT = Duration.ofSeconds(150);

  private static final int REVIEW_SECONDS = 10;

  private final Vertx vertx;
  private final EndpointSettings settings;
  private final PrometheusMeterRegistry registry;
  private final MetricsAccess access;
  private final ServingCertificate certificate;
  private final Connections connections;
  private final CurrentKey key = new CurrentKey();

  private HttpServer server;
  private PemPair serving;
  private String complaint;
  private long timer = -1;

  MetricsEndpoint(
      Vertx vertx,
      EndpointSettings settings,
      PrometheusMeterRegistry registry,
      KubernetesClient client,
      InstantSource clock,
      @ConfigProperty(name = "cgroup-policy.namespace") String namespace) {
    this.vertx = vertx;
    this.settings = settings;
    this.registry = registry;
    this.access =
        new MetricsAccess(
            new ClusterReviews(client),
            settings.allowedFor(),
            settings.refusedFor(),
            clock,
            Executors.newVirtualThreadPerTaskExecutor());
    var service = "cgroup-policy-operator-metrics." + namespace + ".svc";
    this.certificate =
        new ServingCertificate(
            vertx, settings.tlsDirectory(), List.of(service, "localhost"), clock);
    this.connections = new Connections(vertx, MOST_CONNECTIONS, HEAD, NEXT);
  }

  /// Before the operator itself starts, whose metrics tell how that goes.
  void start(@Observes @Priority(1) StartupEvent event) throws IOException {
    if (settings.secure()) {
      follow();
      timer = vertx.setPeriodic(settings.reloadPeriod().toMillis(), id -> inBackground());
    } else {
      listen(false);
      LOG.warn("metrics are served without TLS, to whoever can reach the port");
    }
  }

  void stop(@Observes ShutdownEvent event) {
    vertx.cancelTimer(timer);
    synchronized (this) {
      if (server != null) {
        server.close();
      }
    }
  }

  private void inBackground() {
    vertx
        .executeBlocking(
            () -> {
              follow();
              return null;
            })
        .onFailure(e -> LOG.error("looking after the certificate of the metrics", e));
  }

  /// Serves with the certificate as it is now.
  private synchronized void follow() throws IOException {
    PemPair wanted;
    try {
      wanted = certificate.current();
      if (!wanted.equals(serving)) {
        key.become(certificate.keyManager(wanted));
      }
    } catch (IOException | GeneralSecurityException e) {
      if (!e.getMessage().equals(complaint)) {
        complaint = e.getMessage();
        LOG.errorf(
            "%s: %s",
            serving == null
                ? "metrics are not served until this is mended"
                : "metrics are still served with the certificate from before",
            complaint);
      }
      return;
    }
    complaint = null;
    if (wanted.equals(serving)) {
      return;
    }
    if (server == null) {
      listen(true);
    }
    serving = wanted;
    LOG.infof(
        "the certificate of the metrics is %s",
        certificate.isOwn(wanted)
            ? "self-signed: there is none in " + settings.tlsDirectory()
            : "that of " + settings.tlsDirectory());
  }

  private void listen(boolean secure) throws IOException {
    var options =
        connections
            .options()
            .setHost(settings.host())
            .setPort(settings.port())
            .setSsl(secure)
            .setMaxHeaderSize(MAX_HEAD); // and no compression, which would load native code
    if (secure) {
      options.setKeyCertOptions(KeyCertOptions.wrap(key));
    }
    var starting =
        vertx
            .createHttpServer(options)
            .connectionHandler(connections::opened)
            .requestHandler(this::handle);
    try {
      await(starting.listen());
    } catch (IOException e) {
      if (e instanceof BindException taken) {
        throw new QuarkusBindException(settings.host(), settings.port(), taken);
      }
      throw e;
    }
    server = starting;
    LOG.infof(
        "metrics are served at %s://%s:%d%s",
        secure ? "https" : "http", settings.host(), server.actualPort(), PATH);
  }

  private static void await(io.vertx.core.Future<?> future) throws IOException {
    try {
      future.toCompletionStage().toCompletableFuture().orTimeout(10, TimeUnit.SECONDS).join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    }
  }

  private void handle(HttpServerRequest request) {
    connections.asked(request.connection());
    request.response().endHandler(ended -> connections.answered(request.connection()));
    if (!PATH.equals(request.path())) {
      refuse(request, new Answer(404, "metrics are at " + PATH));
    } else if (request.method() != HttpMethod.GET) {
      request.response().putHeader("Allow", "GET");
      refuse(request, new Answer(405, "only GET"));
    } else if (settings.secure()) {
      authorise(request);
    } else {
      scrape(request);
    }
  }

  private void authorise(HttpServerRequest request) {
    var token = bearerToken(request.headers().getAll("Authorization"));
    if (token == null) {
      refuse(request, Answer.UNAUTHENTICATED);
      return;
    }
    var context = vertx.getOrCreateContext();
    access
        .of(token)
        .completeOnTimeout(
            new Answer(503, "the API server takes too long"), REVIEW_SECONDS, TimeUnit.SECONDS)
        .thenAccept(
            answer ->
                context.runOnContext(
                    again -> {
                      if (answer.code() == 200) {
                        scrape(request);
                      } else {
                        refuse(request, answer);
                      }
                    }));
  }

  /// The token, or null where there is none, or more than one.
  static String bearerToken(List<String> headers) {
    if (headers.size() != 1) {
      return null;
    }
    var parts = headers.getFirst().strip().split(" +", 2);
    return parts.length == 2 && parts[0].toLowerCase(Locale.ROOT).equals("bearer")
        ? parts[1].strip()
        : null;
  }

  private static void refuse(HttpServerRequest request, Answer answer) {
    var response = request.response();
    if (response.closed()) {
      return;
    }
    if (answer.code() == 401) {
      response.putHeader("WWW-Authenticate", "Bearer");
    }
    response
        .setStatusCode(answer.code())
        .putHeader("Content-Type", "text/plain; charset=utf-8")
        .end(answer.message() + "\n");
  }

  private void scrape(HttpServerRequest request) {
    var accept = request.getHeader("Accept");
    var type =
        accept == null
            ? TextFormat.CONTENT_TYPE_OPENMETRICS_100
            : TextFormat.chooseContentType(accept);
    vertx
        .executeBlocking(() -> registry.scrape(type), false)
        .onSuccess(
            body -> {
              if (!request.response().closed()) {
                request.response().putHeader("Content-Type", type).end(body);
              }
            })
        .onFailure(
            e -> {
              LOG.error("collecting the metrics", e);
              refuse(request, new Answer(500, "the metrics could not be collected"));
            });
  }
}
