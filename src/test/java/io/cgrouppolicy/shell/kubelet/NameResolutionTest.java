package io.cgrouppolicy.shell.kubelet;

import static io.cgrouppolicy.shell.kubelet.ReaderFixture.PATIENT;
import static io.cgrouppolicy.shell.kubelet.ReaderFixture.reason;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.kubelet.SimulatedKubelet;
import io.fabric8.kubernetes.api.model.Node;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.dns.DatagramDnsQuery;
import io.netty.handler.codec.dns.DatagramDnsQueryDecoder;
import io.netty.handler.codec.dns.DatagramDnsResponse;
import io.netty.handler.codec.dns.DatagramDnsResponseEncoder;
import io.netty.handler.codec.dns.DefaultDnsRawRecord;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.handler.codec.dns.DnsSection;
import io.netty.resolver.dns.SingletonDnsServerAddressStreamProvider;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// Nodes that have no IP address, only a name; with a DNS server of the test's own.
class NameResolutionTest {
  @Test
  void aNameThatResolvesIsDialledAndVerified() throws Exception {
    try (var kubelets = new ReaderFixture();
        var dns = new Dns()) {
      var kubelet = kubelets.fleet.node("n").start();
      dns.known = kubelet.node().getStatus().getAddresses().getFirst().getAddress();
      try (var reader = dns.reader(kubelets, PATIENT)) {
        // Dialled: that its certificate has no such name is what came of it.
        assertThat(reason(reader.read(named(kubelet, "known.example.com"), "/configz").get()))
            .isEqualTo(Reason.TlsHostnameMismatch);
        assertThat(kubelet.seen().connections()).isEqualTo(1);
      }
    }
  }

  @Test
  void aNameThatDoesNotIsTold() throws Exception {
    try (var kubelets = new ReaderFixture();
        var dns = new Dns();
        var reader = dns.reader(kubelets, PATIENT)) {
      var kubelet = kubelets.fleet.node("n").start();
      assertThat(reason(reader.read(named(kubelet, "unknown.example.com"), "/configz").get()))
          .isEqualTo(Reason.DnsFailure);
    }
  }

  @Test
  void aDnsServerThatHangsCostsTheTimeout() throws Exception {
    try (var kubelets = new ReaderFixture();
        var dns = new Dns();
        var reader = dns.reader(kubelets, Duration.ofSeconds(1))) {
      var kubelet = kubelets.fleet.node("n").start();
      assertThat(reason(reader.read(named(kubelet, "hanging.example.com"), "/configz").get()))
          .isEqualTo(Reason.Timeout);
    }
  }

  private static Node named(SimulatedKubelet kubelet, String name) {
    return kubelet
        .node(n -> n.editStatus().withAddresses().addNewAddress(name, "Hostname").endStatus())
        .node();
  }

  /// Knows one name, answers nothing for names with "hanging", and NXDOMAIN for the rest.
  private static final class Dns extends SimpleChannelInboundHandler<DatagramDnsQuery>
      implements AutoCloseable {
    private final EventLoopGroup loop = new NioEventLoopGroup(1);
    private final InetSocketAddress address;
    private volatile String known = "";

    Dns() throws Exception {
      var bound =
          new Bootstrap()
              .group(loop)
              .channel(NioDatagramChannel.class)
              .handler(
                  new ChannelInitializer<DatagramChannel>() {
                    @Override
                    protected void initChannel(DatagramChannel channel) {
                      channel
                          .pipeline()
                          .addLast(new DatagramDnsQueryDecoder())
                          .addLast(new DatagramDnsResponseEncoder())
                          .addLast(Dns.this);
                    }
                  })
              .bind(new InetSocketAddress("127.0.0.1", 0))
              .sync()
              .channel();
      address = (InetSocketAddress) bound.localAddress();
    }

    KubeletReader reader(ReaderFixture kubelets, Duration timeout) {
      return new KubeletReader(
          kubelets.options(timeout),
          ReaderFixture.config().build(),
          new SingletonDnsServerAddressStreamProvider(address));
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, DatagramDnsQuery query)
        throws Exception {
      DnsQuestion question = query.recordAt(DnsSection.QUESTION);
      if (question.name().startsWith("hanging")) {
        return;
      }
      var response = new DatagramDnsResponse(query.recipient(), query.sender(), query.id());
      response.addRecord(DnsSection.QUESTION, question);
      if (!question.name().startsWith("known")) {
        response.setCode(DnsResponseCode.NXDOMAIN);
      } else if (question.type().equals(DnsRecordType.A)) {
        response.addRecord(
            DnsSection.ANSWER,
            new DefaultDnsRawRecord(
                question.name(),
                DnsRecordType.A,
                60,
                Unpooled.wrappedBuffer(InetAddress.getByName(known).getAddress())));
      }
      ctx.writeAndFlush(response);
    }

    @Override
    public void close() {
      loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
  }
}
