package io.cgrouppolicy.shell.kubelet;

import io.cgrouppolicy.shell.kubelet.PeerTls.CaUnavailableException;
import io.cgrouppolicy.shell.settings.KubeletAccess;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.Config;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.netty.resolver.dns.DnsServerAddressStreamProviders;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.URI;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/// Reads from kubelets with the operator's token: by verified TLS, within a time and a size, so
/// many at once, and never following a redirect or a proxy.
public final class KubeletReader implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(KubeletReader.class);

  /// TLS is the work; more threads than this would take the processors from everything else.
  private static final int THREADS = 2;

  private final ReaderOptions options;
  private final URI apiServer;
  private final PeerTls tls;
  private final BearerToken token;
  private final Lane configuration;
  private final EventLoopGroup loops =
      new NioEventLoopGroup(THREADS, new DefaultThreadFactory("kubelet-reader", true));
  private final Bootstrap bootstrap;
  private volatile boolean closed;
  private final Executor answers = task -> Thread.ofVirtual().name("kubelet-answer").start(task);

  /// @param config of the Kubernetes client: its token, and the CA where none is set
  public KubeletReader(ReaderOptions options, Config config) {
    this(options, config, DnsServerAddressStreamProviders.platformDefault());
  }

  KubeletReader(ReaderOptions options, Config config, DnsServerAddressStreamProvider dns) {
    this.options = options;
    this.apiServer = URI.create(config.getMasterUrl());
    this.token = new BearerToken(config, InstantSource.system());
    this.configuration = new Lane(options);
    this.bootstrap = Sockets.bootstrap(dns);
    if (options.access() == KubeletAccess.PROXY) {
      if (!"https".equals(apiServer.getScheme())) {
        throw new IllegalArgumentException(
            "cgroup-policy.kubelet.access=proxy needs an API server with TLS");
      }
      tls = PeerTls.verifyingOrJdkCas(CaBundle.ofApiServer(config));
      LOG.warn(
          "Kubelets are read through the API server (cgroup-policy.kubelet.access=proxy): the"
              + " operator's ServiceAccount needs get nodes/proxy, which is exec into every pod");
    } else if (options.insecureSkipTlsVerify()) {
      tls = PeerTls.insecure();
      LOG.warn(
          "Kubelets are not verified (cgroup-policy.kubelet.insecure-skip-tls-verify): whoever"
              + " answers at a node's address gets the operator's token");
    } else {
      tls = PeerTls.verifying(CaBundle.forKubelets(options.caFile(), config));
    }
  }

  /// Requests of one kind: they wait for each other, and for no others. Kubelets that are slow to
  /// answer them are not taken for slow in other lanes. Threads, token and TLS sessions are common
  /// to all.
  public final class Lane {
    private final ReaderOptions options;
    private final Turnstile places;
    private final Turnstile slowPlaces;
    private final SlowPeers slow = new SlowPeers();

    private Lane(ReaderOptions options) {
      this.options = options;
      this.places = new Turnstile(options.concurrency());
      this.slowPlaces = new Turnstile(Math.max(1, options.concurrency() / 2));
    }

    /// As [KubeletReader#read], in this lane.
    public CompletableFuture<KubeletResponse> read(Node node, String path) {
      return KubeletReader.this.read(this, node, path);
    }

    private Turnstile turnstile(Peer peer) {
      return options.access() == KubeletAccess.DIRECT && slow.contains(peer) ? slowPlaces : places;
    }
  }

  /// Another lane.
  ///
  /// @param concurrency most requests in flight, as in [ReaderOptions]
  /// @param maxBody longest answer, in bytes
  public Lane lane(int concurrency, int maxBody) {
    return new Lane(
        new ReaderOptions(
            options.access(),
            options.caFile(),
            options.insecureSkipTlsVerify(),
            options.timeout(),
            concurrency,
            maxBody));
  }

  /// Asks the node's kubelet. It never fails but by its answer; cancelling the future gives the
  /// request up. What is chained to the future runs on a virtual thread, so it may block; it keeps
  /// the request's place until it is done, so that no more answers are in memory than places.
  ///
  /// @param path such as `/configz`
  public CompletableFuture<KubeletResponse> read(Node node, String path) {
    return read(configuration, node, path);
  }

  private CompletableFuture<KubeletResponse> read(Lane lane, Node node, String path) {
    if (closed) {
      return CompletableFuture.completedFuture(Exchange.GIVEN_UP);
    }
    var address = KubeletAddress.of(node);
    if (address.isEmpty() && options.access() == KubeletAccess.DIRECT) {
      return CompletableFuture.completedFuture(
          Reason.NoAddress.because("the node has no usable address"));
    }
    var secret = token.get();
    if (secret.isEmpty()) {
      return CompletableFuture.completedFuture(
          Reason.TokenUnavailable.because("the operator has no token to show to kubelets"));
    }
    var peer =
        options.access() == KubeletAccess.PROXY
            ? viaApiServer(node.getMetadata().getName(), path)
            : direct(address.get(), path);
    try {
      return ask(lane, peer, secret.get());
    } catch (CaUnavailableException e) {
      LOG.debugf(e, "No CA for %s", peer.name());
      return CompletableFuture.completedFuture(Reason.CaUnavailable.because(e.getMessage()));
    }
  }

  private CompletableFuture<KubeletResponse> ask(Lane lane, Peer peer, String secret)
      throws CaUnavailableException {
    var context = tls.context();
    var loop = loops.next();
    var future = new CompletableFuture<KubeletResponse>();
    var turnstile = lane.turnstile(peer);
    var exchange =
        new Exchange(
            peer,
            secret,
            lane.options,
            response -> {
              lane.slow.learn(peer, response);
              answers.execute(
                  () -> {
                    try {
                      future.complete(response);
                    } finally {
                      turnstile.leave();
                    }
                  });
            });
    turnstile.enter(
        () -> {
          exchange.start(bootstrap, loop, context);
          future.whenComplete(
              (response, failure) -> {
                if (future.isCancelled()) {
                  exchange.cancel(loop);
                }
              });
        },
        future::isDone);
    return future;
  }

  private static Peer direct(KubeletAddress address, String path) {
    return new Peer(
        address.host(),
        address.port(),
        path,
        address.toString(),
        "the kubelet at " + address,
        "get " + subresource(path));
  }

  private Peer viaApiServer(String node, String path) {
    int port = apiServer.getPort() == -1 ? 443 : apiServer.getPort();
    var host = apiServer.getHost();
    var base = apiServer.getRawPath() == null ? "" : apiServer.getRawPath().replaceAll("/+$", "");
    return new Peer(
        host.startsWith("[") ? host.substring(1, host.length() - 1) : host,
        port,
        base + "/api/v1/nodes/" + node + "/proxy" + path,
        host + ":" + port,
        "the API server",
        "get nodes/proxy");
  }

  /// What a kubelet's authoriser asks for, since Kubernetes 1.33 (KEP-2862).
  private static String subresource(String path) {
    var first = path.split("[/?]", 3)[1];
    return switch (first) {
      case "configz", "stats", "metrics", "pods", "healthz" -> "nodes/" + first;
      default -> "nodes/proxy";
    };
  }

  /// Gives up what is under way.
  @Override
  public void close() {
    closed = true;
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    bootstrap.config().resolver().close();
  }
}
