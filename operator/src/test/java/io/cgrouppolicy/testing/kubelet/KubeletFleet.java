package io.cgrouppolicy.testing.kubelet;

import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/// Simulated kubelets, up to thousands in one JVM. Each listens on its own address 127.x.y.z (Linux
/// has them all), all on one port, with TLS by the fleet's CA.
///
/// With a cluster, they register Node objects, and authenticate and authorize like real kubelets.
public final class KubeletFleet implements AutoCloseable {
  /// The number of kubelets that share a certificate: signing takes longer than a handshake.
  private static final int PER_CERTIFICATE = 50;

  private static final int PER_NET = 250;

  /// The number of nodes to register at a time.
  private static final int REGISTRATIONS = 16;

  private final String id = "fleet-" + UUID.randomUUID().toString().substring(0, 8);
  private final KubernetesClient admin;
  private final KubeletAuth auth;
  private final CertificateAuthority ca = new CertificateAuthority("kubelet-ca");
  private final CertificateAuthority otherCa = new CertificateAuthority("another-ca");
  private final EventLoopGroup loops =
      new NioEventLoopGroup(2, new DefaultThreadFactory("kubelet-simulator", true));
  private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private final Map<String, Channel> listening = new ConcurrentHashMap<>();
  private final Map<Integer, SslContext> certificates = new ConcurrentHashMap<>();
  private final Map<String, byte[]> recordings =
      Map.of(
          "/stats/summary", Recordings.bytes("stats-summary.json"),
          "/metrics/cadvisor", Recordings.bytes("metrics-cadvisor.txt"),
          "/healthz", "ok".getBytes(StandardCharsets.US_ASCII));
  private final AtomicInteger count = new AtomicInteger();
  private final Set<String> started = ConcurrentHashMap.newKeySet();
  private final Set<String> tokens = ConcurrentHashMap.newKeySet();
  private final Channel guard;
  private final int port;
  private final Path caFile;

  private KubeletFleet(KubernetesClient admin, KubeletAuth auth) {
    this.admin = admin;
    this.auth = auth;
    this.guard = takePort();
    this.port = ((InetSocketAddress) guard.localAddress()).getPort();
    try {
      caFile = Files.createTempFile("kubelet-ca", ".crt");
      Files.writeString(caFile, ca.pem());
      caFile.toFile().deleteOnExit();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Creates a fleet for this cluster.
  public static KubeletFleet start(KubernetesClient admin) {
    return new KubeletFleet(admin, new DelegatedAuth(admin));
  }

  /// Creates a fleet without a cluster that accepts a single token.
  public static KubeletFleet withoutCluster(String token) {
    return new KubeletFleet(null, KubeletAuth.only(token));
  }

  /// Creates a kubelet with default settings; the caller starts it.
  public SimulatedKubelet node(String name) {
    int n = count.getAndIncrement();
    return new SimulatedKubelet(this, name, address(n));
  }

  /// Creates and starts kubelets named PREFIX-0 and so on.
  public List<SimulatedKubelet> nodes(String prefix, int n, UnaryOperator<SimulatedKubelet> shape) {
    try (var threads = Executors.newFixedThreadPool(REGISTRATIONS)) {
      return IntStream.range(0, n)
          .mapToObj(i -> shape.apply(node(prefix + "-" + i)))
          .map(kubelet -> CompletableFuture.supplyAsync(kubelet::start, threads))
          .toList()
          .stream()
          .map(CompletableFuture::join)
          .toList();
    }
  }

  /// The CA as PEM, for `cgroup-policy.kubelet.ca-file`.
  public Path caFile() {
    return caFile;
  }

  /// The CA that signed only the kubelets with behavior OTHER_CA.
  public String otherCaPem() {
    return otherCa.pem();
  }

  public int port() {
    return port;
  }

  public String id() {
    return id;
  }

  /// The bearer tokens that all these kubelets received.
  public Set<String> tokens() {
    return tokens;
  }

  /// Clears the cached TokenReviews and SubjectAccessReviews, which kubelets keep for two minutes.
  public void forgetAuthorizations() {
    if (auth instanceof DelegatedAuth delegated) {
      delegated.forget();
    }
  }

  @Override
  public void close() {
    if (admin != null) {
      admin.nodes().withLabel(NodeObjects.FLEET_LABEL, id).delete();
    }
    listening.values().forEach(channel -> channel.close().syncUninterruptibly());
    guard.close().syncUninterruptibly();
    connections.close().syncUninterruptibly();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  // ---- for the kubelets ----

  KubeletAuth auth() {
    return auth;
  }

  Map<String, byte[]> recordings() {
    return recordings;
  }

  void start(SimulatedKubelet kubelet) {
    if (kubelet.behaviour() != Behaviour.REFUSE) {
      listening.put(kubelet.name(), listen(kubelet));
    }
    if (admin != null) {
      admin.resource(kubelet.node()).create();
    }
    started.add(kubelet.name());
  }

  void listenOrNot(SimulatedKubelet kubelet) {
    if (!started.contains(kubelet.name())) {
      return;
    }
    listening.compute(
        kubelet.name(),
        (name, channel) -> {
          boolean wanted = kubelet.behaviour() != Behaviour.REFUSE;
          if (wanted && channel == null) {
            return listen(kubelet);
          }
          if (!wanted && channel != null) {
            channel.close().syncUninterruptibly();
            return null;
          }
          return channel;
        });
  }

  void nodeChanged(SimulatedKubelet kubelet, UnaryOperator<NodeBuilder> change) {
    if (admin != null && started.contains(kubelet.name())) {
      var node = admin.nodes().withName(kubelet.name());
      node.edit(n -> change.apply(new NodeBuilder(n)).build());
      node.editStatus(n -> change.apply(new NodeBuilder(n)).build());
    }
  }

  private Channel listen(SimulatedKubelet kubelet) {
    return bind(
        new ServerBootstrap().childHandler(new KubeletConnection(this, kubelet)),
        new InetSocketAddress(kubelet.address, port));
  }

  private Channel bind(ServerBootstrap bootstrap, InetSocketAddress address) {
    return bootstrap
        .group(loops)
        .channel(NioServerSocketChannel.class)
        .option(ChannelOption.SO_BACKLOG, 1024)
        .option(ChannelOption.SO_REUSEADDR, true)
        .bind(address)
        .syncUninterruptibly()
        .channel();
  }

  void connected(Channel channel) {
    connections.add(channel);
  }

  SslContext tls(SimulatedKubelet kubelet) {
    var later = Instant.now().plus(Duration.ofDays(1));
    return switch (kubelet.behaviour()) {
      case OTHER_CA -> otherCa.server(List.of(kubelet.address), later);
      case WRONG_SAN -> ca.server(List.of("192.0.2.1"), later);
      case EXPIRED ->
          ca.server(List.of(kubelet.address), Instant.now().minus(Duration.ofMinutes(1)));
      default ->
          certificates.computeIfAbsent(
              index(kubelet.address) / PER_CERTIFICATE,
              group ->
                  ca.server(
                      IntStream.range(group * PER_CERTIFICATE, (group + 1) * PER_CERTIFICATE)
                          .mapToObj(KubeletFleet::address)
                          .toList(),
                      later));
    };
  }

  private static String address(int n) {
    return "127."
        + (1 + n / PER_NET / PER_NET)
        + "."
        + n / PER_NET % PER_NET
        + "."
        + (1 + n % PER_NET);
  }

  private static int index(String address) {
    var parts = address.split("\\.");
    return ((Integer.parseInt(parts[1]) - 1) * PER_NET + Integer.parseInt(parts[2])) * PER_NET
        + Integer.parseInt(parts[3])
        - 1;
  }

  /// Returns a port below the kernel's ephemeral ports. The process that holds it on 127.0.0.2 has
  /// it on all addresses, so that fleets of several processes do not conflict.
  private Channel takePort() {
    for (int attempt = 0; ; attempt++) {
      int candidate = 20_000 + ThreadLocalRandom.current().nextInt(12_000);
      try {
        return bind(
            new ServerBootstrap().childHandler(new ChannelInboundHandlerAdapter()),
            new InetSocketAddress("127.0.0.2", candidate));
      } catch (RuntimeException e) {
        if (attempt == 20) {
          throw e;
        }
      }
    }
  }
}
