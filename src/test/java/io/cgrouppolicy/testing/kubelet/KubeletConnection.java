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
import java.util.concurrent.atomic.AtomicLong;

/// What a connection meets before any HTTP: TLS, or a misbehaviour instead of it.
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

  /// As Go's server, it follows the client where that would rather not have AES.
  private SslHandler tls(Channel channel) {
    var handler = fleet.tls(kubelet).newHandler(channel.alloc());
    var parameters = handler.engine().getSSLParameters();
    parameters.setUseCipherSuitesOrder(false);
    handler.engine().setSSLParameters(parameters);
    return handler;
  }

  /// Counts what the client says once the handshake is over.
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

  /// What a Go server says to who speaks TLS to a port of plain HTTP; nothing it receives is TLS
  /// application data, so it is only counted where it is text.
  private static final class PlainHttp extends ChannelInboundHandlerAdapter {
    private final AtomicLong text;

    PlainHttp(AtomicLong text) {
      this.text = text;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      var bytes = (ByteBuf) message;
      if (bytes.getByte(bytes.readerIndex()) != 22) { // not a TLS handshake record
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
