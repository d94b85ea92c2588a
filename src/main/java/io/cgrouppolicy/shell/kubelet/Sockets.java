package io.cgrouppolicy.shell.kubelet;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.resolver.dns.DnsAddressResolverGroup;
import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/// How connections are made: names are resolved without blocking, and no proxy is asked.
final class Sockets {
  private Sockets() {}

  static Bootstrap bootstrap(DnsServerAddressStreamProvider dns) {
    return new Bootstrap()
        .channel(NioSocketChannel.class)
        .resolver(new DnsAddressResolverGroup(NioDatagramChannel.class, dns))
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0) // the exchange's own deadline covers it
        .option(ChannelOption.TCP_NODELAY, true);
  }

  static InetSocketAddress address(String host, int port) {
    var bytes = NetUtil.createByteArrayFromIpAddressString(host);
    if (bytes == null) {
      return InetSocketAddress.createUnresolved(host, port);
    }
    try {
      return new InetSocketAddress(InetAddress.getByAddress(bytes), port);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("4 or 16 bytes", e);
    }
  }
}
