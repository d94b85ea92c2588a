package io.cgrouppolicy.testing.kubelet;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/// Handles a request: with the answer of a real kubelet, or with a misbehavior.
final class KubeletHandler extends SimpleChannelInboundHandler<HttpObject> {
  private static final long GIB = 1L << 30;
  private static final ByteBuf BLOCK =
      Unpooled.unreleasableBuffer(Unpooled.wrappedBuffer(new byte[64 * 1024])).asReadOnly();

  private final KubeletFleet fleet;
  private final SimulatedKubelet kubelet;
  private Runnable more;

  KubeletHandler(KubeletFleet fleet, SimulatedKubelet kubelet) {
    this.fleet = fleet;
    this.kubelet = kubelet;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, HttpObject message) {
    if (!(message instanceof HttpRequest request)) {
      return;
    }
    var seen = kubelet.seen();
    var authorization = request.headers().get(HttpHeaderNames.AUTHORIZATION, "");
    var token = authorization.startsWith("Bearer ") ? authorization.substring(7) : "";
    if (!token.isEmpty()) {
      seen.tokens.add(token);
      fleet.tokens().add(token);
    }
    var path = request.uri();
    seen.requests.computeIfAbsent(path, p -> new AtomicInteger()).incrementAndGet();
    switch (kubelet.behaviour(path)) {
      case HANG_AFTER_REQUEST -> {}
      case STATUS_401 -> send(ctx, 401, "text/plain", bytes("Unauthorized"));
      case STATUS_403 -> send(ctx, 403, "text/plain", bytes("Forbidden"));
      case STATUS_404 -> send(ctx, 404, "text/plain", bytes("404 page not found"));
      case STATUS_418 -> send(ctx, 418, "text/plain", bytes("I'm a teapot"));
      case STATUS_500 -> send(ctx, 500, "text/plain", bytes("internal error"));
      case REDIRECT -> redirect(ctx, path);
      case TRICKLE -> trickle(ctx, kubelet.body(path));
      case HUGE_BODY -> huge(ctx, false);
      case HUGE_BODY_ANNOUNCED -> huge(ctx, true);
      case ENDLESS_HEADERS -> endlessHeaders(ctx);
      case RAW -> raw(ctx, kubelet.raw()).addListener(ChannelFutureListener.CLOSE);
      case GARBAGE -> raw(ctx, bytes("\0\1\2 this is not HTTP\r\n\r\n\r\n"));
      case HTML -> send(ctx, 200, "text/html", bytes("<html><body>Log in</body></html>"));
      case TRUNCATED_JSON -> {
        var whole = kubelet.body(path);
        send(ctx, 200, "application/json", Arrays.copyOf(whole, whole.length / 2));
      }
      case DEEP_JSON -> send(ctx, 200, "application/json", bytes("[".repeat(100_000)));
      case CLOSE_IN_THE_MIDDLE -> closeInTheMiddle(ctx, kubelet.body(path));
      default -> answer(ctx, token, path);
    }
  }

  private void answer(ChannelHandlerContext ctx, String token, String path) {
    fleet
        .auth()
        .decide(token, kubelet.name(), KubeletAuth.subresources(path))
        .whenCompleteAsync(
            (status, failure) -> {
              var body = kubelet.body(path);
              if (failure != null) {
                send(ctx, 500, "text/plain", bytes("Internal Error: " + failure));
              } else if (status != 200) {
                send(
                    ctx, status, "text/plain", bytes(status == 401 ? "Unauthorized" : "Forbidden"));
              } else if (body == null) {
                send(ctx, 404, "text/plain", bytes("404 page not found"));
              } else {
                send(ctx, 200, "application/json", body);
              }
            },
            ctx.executor());
  }

  private static void send(ChannelHandlerContext ctx, int status, String type, byte[] body) {
    var response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status), Unpooled.wrappedBuffer(body));
    response
        .headers()
        .set(HttpHeaderNames.CONTENT_TYPE, type)
        .set(HttpHeaderNames.CONTENT_LENGTH, body.length)
        .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    ctx.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
  }

  private void redirect(ChannelHandlerContext ctx, String path) {
    var response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.FOUND);
    response
        .headers()
        .set(HttpHeaderNames.LOCATION, kubelet.redirectTarget() + path)
        .set(HttpHeaderNames.CONTENT_LENGTH, 0);
    ctx.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
  }

  /// Sends the headers of a 200 response, with this Content-Length or chunked.
  private static void begin(ChannelHandlerContext ctx, long length) {
    var response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
    if (length < 0) {
      response.headers().set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
    } else {
      response.headers().set(HttpHeaderNames.CONTENT_LENGTH, length);
    }
    response.headers().set(HttpHeaderNames.CONTENT_TYPE, "application/json");
    ctx.writeAndFlush(response);
  }

  private static void trickle(ChannelHandlerContext ctx, byte[] body) {
    begin(ctx, body.length);
    var next = Unpooled.wrappedBuffer(body);
    var ticks =
        ctx.executor()
            .scheduleAtFixedRate(
                () -> ctx.writeAndFlush(new DefaultHttpContent(next.readSlice(1))),
                0,
                1,
                TimeUnit.SECONDS);
    ctx.channel().closeFuture().addListener(closed -> ticks.cancel(false));
  }

  private static void closeInTheMiddle(ChannelHandlerContext ctx, byte[] body) {
    begin(ctx, body.length);
    ctx.writeAndFlush(new DefaultHttpContent(Unpooled.wrappedBuffer(body, 0, body.length / 2)))
        .addListener(ChannelFutureListener.CLOSE);
  }

  private void huge(ChannelHandlerContext ctx, boolean announced) {
    begin(ctx, announced ? GIB : -1);
    var sent = kubelet.seen().bodyBytesOut;
    endlessly(
        ctx,
        () -> {
          sent.addAndGet(BLOCK.readableBytes());
          ctx.write(new DefaultHttpContent(BLOCK.duplicate()));
        },
        () -> sent.get() < GIB);
  }

  private void endlessHeaders(ChannelHandlerContext ctx) {
    ctx.pipeline().remove(HttpServerCodec.class);
    ctx.write(Unpooled.wrappedBuffer(bytes("HTTP/1.1 200 OK\r\n")));
    endlessly(
        ctx, () -> ctx.write(Unpooled.wrappedBuffer(bytes("X-More: and more\r\n"))), () -> true);
  }

  private static ChannelFuture raw(ChannelHandlerContext ctx, byte[] bytes) {
    ctx.pipeline().remove(HttpServerCodec.class);
    return ctx.writeAndFlush(Unpooled.wrappedBuffer(bytes));
  }

  /// Writes as fast as the client reads.
  private void endlessly(ChannelHandlerContext ctx, Runnable write, BooleanSupplier goOn) {
    more =
        () -> {
          while (ctx.channel().isActive() && ctx.channel().isWritable() && goOn.getAsBoolean()) {
            write.run();
          }
          ctx.flush();
        };
    more.run();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (more != null && ctx.channel().isWritable()) {
      more.run();
    }
  }

  /// Ignores clients that abort the connection, which is what these tests are about.
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(US_ASCII);
  }
}
