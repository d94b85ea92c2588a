package io.cgrouppolicy.shell.kubelet;

import io.cgrouppolicy.core.kubelet.GoDuration;
import io.cgrouppolicy.core.kubelet.KubeletSupport;
import io.cgrouppolicy.shell.kubelet.KubeletToken.TokenUnavailableException;
import io.cgrouppolicy.shell.kubelet.PeerTls.CaUnavailableException;
import io.cgrouppolicy.shell.settings.KubeletAccess;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.Config;
import java.net.InetAddress;
import java.net.URI;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import org.jboss.logging.Logger;

/// Reads from kubelets with a token of their own. TLS is verified; time, body size and requests in
/// flight are limited; redirects are not followed and proxies not used.
///
/// Each request has a virtual thread that waits for a place, then runs [HttpsGet] on another one,
/// which it interrupts at the deadline.
public final class KubeletReader implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(KubeletReader.class);

  /// The deadline is counted in slices. A slice that ends late because this process had no CPU
  /// counts once, so an operator with too little CPU does not take healthy kubelets for hanging.
  private static final int SLICES = 10;

  private static final KubeletResponse.Failure GIVEN_UP =
      Reason.ConnectionClosed.because("the operator gave the request up");

  private final ReaderOptions options;
  private final URI apiServer;
  private final PeerTls tls;
  private final KubeletToken token;
  private final Lane configuration;
  private final HostLookup hosts;
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("kubelet-reader").factory());

  /// @param config of the Kubernetes client: the CA where none is set, never its token
  public KubeletReader(ReaderOptions options, Config config, KubeletToken token) {
    this(options, config, token, InetAddress::getByName);
  }

  KubeletReader(ReaderOptions options, Config config, KubeletToken token, HostLookup.Resolver dns) {
    this.options = options;
    this.apiServer = URI.create(config.getMasterUrl());
    this.token = token;
    this.configuration = new Lane(options.concurrency(), options.maxBody());
    this.hosts = new HostLookup(dns);
    if (options.access() == KubeletAccess.PROXY) {
      if (!"https".equals(apiServer.getScheme())) {
        throw new IllegalArgumentException(
            "cgroup-policy.kubelet.access=proxy needs an API server with TLS");
      }
      tls = PeerTls.verifying(CaBundle.ofApiServer(config));
      LOG.warn(
          "Kubelets are read through the API server (cgroup-policy.kubelet.access=proxy):"
              + " ServiceAccount "
              + KubeletToken.ACCOUNT
              + " needs get nodes/proxy, which is exec into every pod");
    } else if (options.insecureSkipTlsVerify()) {
      tls = PeerTls.insecure();
      LOG.warn(
          "Kubelets are not verified (cgroup-policy.kubelet.insecure-skip-tls-verify): any server"
              + " at a node's address gets a token of ServiceAccount "
              + KubeletToken.ACCOUNT);
    } else {
      tls = PeerTls.verifying(CaBundle.forKubelets(options.caFile(), config));
    }
  }

  /// Requests of one kind, with places of their own. A kubelet that is slow in one lane counts as
  /// healthy in another. Lanes share the token and the TLS sessions.
  public final class Lane {
    private final int maxBody;
    private final Semaphore places;
    private final Semaphore slowPlaces;
    private final SlowPeers slow = new SlowPeers();

    private Lane(int concurrency, int maxBody) {
      if (concurrency < 1 || maxBody < 1 || !options.timeout().isPositive()) {
        throw new IllegalArgumentException(
            "cgroup-policy: timeout, concurrency and max-body must be above 0");
      }
      this.maxBody = maxBody;
      this.places = new Semaphore(concurrency, true);
      this.slowPlaces = new Semaphore(Math.max(1, concurrency / 2), true);
    }

    /// As [KubeletReader#read], in this lane.
    public CompletableFuture<KubeletResponse> read(Node node, String path) {
      return KubeletReader.this.read(this, node, path);
    }

    private Semaphore placesFor(KubeletEndpoint endpoint) {
      return options.access() == KubeletAccess.DIRECT && slow.contains(endpoint)
          ? slowPlaces
          : places;
    }
  }

  /// Makes another lane.
  ///
  /// @param concurrency most requests in flight, as in [ReaderOptions]
  /// @param maxBody longest answer, in bytes
  public Lane lane(int concurrency, int maxBody) {
    return new Lane(concurrency, maxBody);
  }

  /// Asks the node's kubelet. The future completes with the response, whatever happens; cancelling
  /// it gives the request up. Stages chained to it run on a virtual thread, so they may block. They
  /// keep the request's place until they are done, which bounds the answers in memory.
  ///
  /// @param path such as `/configz`
  public CompletableFuture<KubeletResponse> read(Node node, String path) {
    return read(configuration, node, path);
  }

  private CompletableFuture<KubeletResponse> read(Lane lane, Node node, String path) {
    boolean byProxy = options.access() == KubeletAccess.PROXY;
    var tooOld = KubeletSupport.tooOld(kubeletVersion(node), path, !byProxy);
    if (tooOld.isPresent()) {
      return CompletableFuture.completedFuture(Reason.KubeletTooOld.because(tooOld.get()));
    }
    var endpoint =
        byProxy
            ? Optional.of(viaApiServer(node.getMetadata().getName(), path))
            : KubeletAddress.of(node).map(address -> direct(address, path));
    if (endpoint.isEmpty()) {
      return CompletableFuture.completedFuture(
          Reason.NoAddress.because("the node has no usable address"));
    }
    var future = new CompletableFuture<KubeletResponse>();
    try {
      var thread = threads.submit(() -> waitAndAsk(lane, endpoint.get(), future));
      future.whenComplete(
          (response, failure) -> {
            if (future.isCancelled()) {
              thread.cancel(true);
            }
          });
      return future;
    } catch (RejectedExecutionException closed) {
      return CompletableFuture.completedFuture(GIVEN_UP);
    }
  }

  private static String kubeletVersion(Node node) {
    var info = node.getStatus() == null ? null : node.getStatus().getNodeInfo();
    return info == null ? null : info.getKubeletVersion();
  }

  private void waitAndAsk(
      Lane lane, KubeletEndpoint endpoint, CompletableFuture<KubeletResponse> future) {
    var places = lane.placesFor(endpoint);
    try {
      places.acquire();
      try {
        future.complete(ask(lane, endpoint));
      } finally {
        places.release();
      }
    } catch (InterruptedException e) {
      future.complete(GIVEN_UP);
    } catch (RuntimeException e) {
      future.completeExceptionally(e);
    }
  }

  private KubeletResponse ask(Lane lane, KubeletEndpoint endpoint) throws InterruptedException {
    try {
      var get = new HttpsGet(endpoint, token.get(), lane.maxBody, tls.context(), hosts);
      var response = untilDeadline(get) ? get.response() : timedOut(endpoint, get.phase());
      lane.slow.learn(endpoint, response);
      return response;
    } catch (CaUnavailableException e) {
      LOG.debugf(e, "No CA for %s", endpoint.name());
      return Reason.CaUnavailable.because(e.getMessage());
    } catch (TokenUnavailableException e) {
      return Reason.TokenUnavailable.because(
          "cannot get a token of ServiceAccount " + KubeletToken.ACCOUNT + ": " + e.getMessage());
    }
  }

  /// @return false if it did not end in time
  private boolean untilDeadline(HttpsGet get) throws InterruptedException {
    var request = Thread.ofVirtual().name("kubelet-request").start(get);
    try {
      boolean ended = false;
      for (int slice = 0; slice < SLICES && !ended; slice++) {
        ended = request.join(options.timeout().dividedBy(SLICES));
      }
      return ended;
    } finally {
      request.interrupt();
    }
  }

  private KubeletResponse timedOut(KubeletEndpoint endpoint, HttpsGet.Phase phase) {
    var timeout = GoDuration.format(options.timeout());
    return Reason.Timeout.because(
        endpoint.name() + " took longer than " + timeout + " for " + phase);
  }

  private static KubeletEndpoint direct(KubeletAddress address, String path) {
    return new KubeletEndpoint(
        address.host(),
        address.port(),
        path,
        address.toString(),
        "the kubelet at " + address,
        "get " + subresource(path));
  }

  private KubeletEndpoint viaApiServer(String node, String path) {
    int port = apiServer.getPort() == -1 ? 443 : apiServer.getPort();
    var host = apiServer.getHost();
    var base = apiServer.getRawPath() == null ? "" : apiServer.getRawPath().replaceAll("/+$", "");
    return new KubeletEndpoint(
        host.startsWith("[") ? host.substring(1, host.length() - 1) : host,
        port,
        base + "/api/v1/nodes/" + node + "/proxy" + path,
        host + ":" + port,
        "the API server",
        "get nodes/proxy");
  }

  /// The permission that a kubelet checks, since Kubernetes 1.33 (KEP-2862).
  private static String subresource(String path) {
    var first = path.split("[/?]", 3)[1];
    return switch (first) {
      case "configz", "stats", "metrics", "pods", "healthz" -> "nodes/" + first;
      default -> "nodes/proxy";
    };
  }

  /// Gives up the requests in flight and in line.
  @Override
  public void close() {
    threads.shutdownNow();
    hosts.close();
  }
}
