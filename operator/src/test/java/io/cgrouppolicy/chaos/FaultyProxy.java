package io.cgrouppolicy.chaos;

import io.cgrouppolicy.testing.kubelet.CertificateAuthority;
import io.fabric8.kubernetes.client.internal.KubeConfigUtils;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.http.impl.HttpUtils;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.httpproxy.HttpProxy;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;

/// A reverse proxy between operators and the API server that can misbehave. It ends TLS with its
/// own CA, passes credentials and watches through, and logs nothing.
public final class FaultyProxy implements AutoCloseable {
  private static final String ADDRESS = "127.0.0.1";
  private static final int EVENT_LOOPS = 2;

  private final RandomGenerator random;
  private final CertificateAuthority ca = new CertificateAuthority("proxy-ca");
  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(EVENT_LOOPS));
  private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private final AtomicInteger harmed = new AtomicInteger();
  private final HttpProxy proxy;
  private final int port;
  private volatile Handler<HttpServerRequest> requests;
  private volatile Duration latency = Duration.ZERO;
  private volatile boolean silent;

  /// Starts a proxy without faults.
  ///
  /// @param kubeconfig names the API server and its CA
  /// @param random decides which requests are harmed
  public FaultyProxy(Path kubeconfig, RandomGenerator random) throws IOException {
    this.random = random;
    var cluster =
        KubeConfigUtils.parseConfig(kubeconfig.toFile()).getClusters().getFirst().getCluster();
    var server = URI.create(cluster.getServer());
    var trusted = Buffer.buffer(Base64.getDecoder().decode(cluster.getCertificateAuthorityData()));
    var client =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setSsl(true)
                .setTrustOptions(new PemTrustOptions().addCertValue(trusted)),
            new PoolOptions().setHttp1MaxSize(10_000));
    proxy =
        HttpProxy.reverseProxy(client)
            .origin(
                context ->
                    client.request(
                        new RequestOptions().setHost(server.getHost()).setPort(server.getPort())));
    requests = proxy;
    port =
        vertx
            .createHttpServer(
                new HttpServerOptions()
                    .setSsl(true)
                    .setUseAlpn(true) // HTTP/2, as the API server
                    .setKeyCertOptions(KeyCertOptions.wrap(ca.keyManager(ADDRESS)))
                    .setMaxHeaderSize(1 << 16)
                    .setSoLinger(0)) // closing a connection resets it
            .connectionHandler(this::connected)
            .requestHandler(request -> requests.handle(request))
            .listen(0, ADDRESS)
            .toCompletionStage()
            .toCompletableFuture()
            .join()
            .actualPort();
  }

  /// Writes a copy of a kubeconfig that leads through this proxy.
  public Path through(Path kubeconfig) throws IOException {
    var config = KubeConfigUtils.parseConfig(kubeconfig.toFile());
    var cluster = config.getClusters().getFirst().getCluster();
    cluster.setServer("https://" + ADDRESS + ":" + port);
    cluster.setCertificateAuthorityData(Base64.getEncoder().encodeToString(caPem().getBytes()));
    var copy = kubeconfig.resolveSibling(kubeconfig.getFileName() + ".proxied");
    return Files.writeString(copy, Serialization.asYaml(config));
  }

  public int port() {
    return port;
  }

  public String caPem() {
    return ca.pem();
  }

  /// The number of requests and connections harmed so far.
  public int harmed() {
    return harmed.get();
  }

  // ---- faults: each replaces the one before ----

  /// Ends the fault. Connections that [#hang()] has frozen stay dead, as if a firewall had
  /// forgotten them.
  public void calm() {
    requests = proxy;
    latency = Duration.ZERO;
    silent = false;
  }

  /// Resets all connections, also those of watches.
  public void cut() {
    harmed.addAndGet(connections.size());
    connections.close().awaitUninterruptibly();
  }

  /// Delays each response and each event of a watch.
  public void delay(Duration time) {
    calm();
    harmed.incrementAndGet();
    latency = time;
  }

  /// Resets the connections of this share of requests.
  public void reset(double share) {
    calm();
    requests = harm(share, request -> channel(request.connection()).close());
  }

  /// Answers this share of requests with an error instead of the API server.
  public void answer(int code, String reason, double share) {
    calm();
    requests =
        harm(
            share,
            request ->
                request
                    .response()
                    .setStatusCode(code)
                    .putHeader("Content-Type", "application/json")
                    .putHeader("Retry-After", "1")
                    .end(status(code, reason)));
  }

  /// Ends each new watch with the event that its version is too old.
  public void expireWatches() {
    calm();
    var expire = harm(1, FaultyProxy::expire);
    requests = request -> (isWatch(request) ? expire : proxy).handle(request);
  }

  /// Swallows everything on all connections, present and new, without closing one.
  public void hang() {
    calm();
    harmed.addAndGet(connections.size());
    silent = true;
    connections.forEach(channel -> channel.pipeline().get(Wire.class).dead = true);
  }

  private Handler<HttpServerRequest> harm(double share, Handler<HttpServerRequest> fault) {
    return request -> {
      boolean unlucky;
      synchronized (random) {
        unlucky = random.nextDouble() < share;
      }
      if (unlucky) {
        harmed.incrementAndGet();
      }
      (unlucky ? fault : proxy).handle(request);
    };
  }

  private static boolean isWatch(HttpServerRequest request) {
    return "true".equals(request.getParam("watch"));
  }

  private static void expire(HttpServerRequest request) {
    var event = "{\"type\":\"ERROR\",\"object\":%s}\n".formatted(status(410, "Expired"));
    if (HttpUtils.canUpgradeToWebSocket(request)) {
      request
          .toWebSocket()
          .onSuccess(socket -> socket.writeTextMessage(event).onComplete(sent -> socket.close()));
    } else {
      request.response().putHeader("Content-Type", "application/json").end(event);
    }
  }

  private static String status(int code, String reason) {
    return """
    {"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"injected",\
    "reason":"%s","code":%d}"""
        .formatted(reason, code);
  }

  private void connected(HttpConnection connection) {
    var channel = channel(connection);
    channel.pipeline().addFirst(new Wire(silent));
    connections.add(channel);
  }

  private static Channel channel(HttpConnection connection) {
    return ((ConnectionBase) connection).channel();
  }

  /// The encrypted bytes of one connection.
  private final class Wire extends ChannelDuplexHandler {
    private volatile boolean dead;

    /// When the last delayed bytes are due, so that later ones do not overtake them.
    private long due = System.nanoTime();

    private Wire(boolean dead) {
      this.dead = dead;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      if (dead) {
        ReferenceCountUtil.release(message);
      } else {
        context.fireChannelRead(message);
      }
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
      if (dead) {
        ReferenceCountUtil.release(message);
        promise.setSuccess();
        return;
      }
      long now = System.nanoTime();
      due = Math.max(due, now + latency.toNanos());
      if (due <= now) {
        context.write(message, promise);
      } else {
        context
            .executor()
            .schedule(
                () -> context.writeAndFlush(message, promise), due - now, TimeUnit.NANOSECONDS);
      }
    }
  }

  @Override
  public void close() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }
}
