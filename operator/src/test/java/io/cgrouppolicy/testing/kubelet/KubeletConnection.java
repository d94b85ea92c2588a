package io.cgrouppolicy.testing.kubelet;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/// Sets up a connection before HTTP: TLS, or a misbehavior instead.
@ChannelHandler.Sharable
final class KubeletConnection extends ChannelInitializer<Channel> {
  private final KubeletFleet fleet;
  private final SimulatedKubelet kubelet;

  KubeletConnection(KubeletFleet fleet, SimulatedKubelet kubelet) {
    this.fleet = fleet;
    this.kubelet = kubelet;
  }

  @Override
  protected void initChannel(Channel channel) {
    fleet.connected(channel);
    kubelet.seen().connections.incrementAndGet();
    switch (kubelet.behaviour()) {
      case CLOSE_ON_ACCEPT -> channel.close();
      case HANG_BEFORE_HANDSHAKE -> channel.config().setAutoRead(false);
      case PLAIN_HTTP -> channel.pipeline().addLast(new PlainHttp(kubelet.seen().bytesIn));
      default ->
          channel
              .pipeline()
              .addLast(tls(channel))
              .addLast(new Recorder(kubelet.seen()))
              .addLast(new HttpServerCodec())
              .addLast(new KubeletHandler(fleet, kubelet));
    }
  }

  /// Like Go's server, prefers the client's choice if the client would rather not use AES.
  private SslHandler tls(Channel channel) {
    var handler = fleet.tls(kubelet).newHandler(channel.alloc());
    var parameters = handler.engine().getSSLParameters();
    parameters.setUseCipherSuitesOrder(false);
    handler.engine().setSSLParameters(parameters);
    return handler;
  }

  /// Counts the bytes that the client sends after the handshake.
  private static final class Recorder extends ChannelInboundHandlerAdapter {
    private final SimulatedKubelet.Seen seen;

    Recorder(SimulatedKubelet.Seen seen) {
      this.seen = seen;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      if (message instanceof ByteBuf bytes) {
        seen.bytesIn.addAndGet(bytes.readableBytes());
      }
      ctx.fireChannelRead(message);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof SslHandshakeCompletionEvent handshake && handshake.isSuccess()) {
        seen.handshakes.incrementAndGet();
      }
      ctx.fireUserEventTriggered(event);
    }
  }

  /// Responds like a Go server to a client that speaks TLS to a plain HTTP port. Nothing that it
  /// receives is TLS application data, so only text counts.
  private static final class PlainHttp extends ChannelInboundHandlerAdapter {
    private static final Set<Integer> TLS_RECORDS = Set.of(21, 22); // alert, handshake

    private final AtomicLong text;

    PlainHttp(AtomicLong text) {
      this.text = text;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      var bytes = (ByteBuf) message;
      if (!TLS_RECORDS.contains((int) bytes.getByte(bytes.readerIndex()))) {
        text.addAndGet(bytes.readableBytes());
      }
      bytes.release();
      ctx.writeAndFlush(
          Unpooled.copiedBuffer(
              "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTPS request to an HTTP server.\n",
              StandardCharsets.US_ASCII));
    }
  }
}
