package io.cgrouppolicy.shell.kubelet;

import io.cgrouppolicy.shell.kubelet.KubeletResponse.Body;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// One request on a connection of its own, from the first packet to its end, on one event loop.
/// Netty directly, as the deadline must end every phase at once, the connection attempt included,
/// and the body must be counted as it comes; higher clients leave one or the other out.
///
/// The token is written when the handshake has succeeded, and not before.
final class Exchange extends SimpleChannelInboundHandler<HttpObject> {
  private static final int CHUNK = 16 * 1024;
  private static final int SLICES = 10;
  static final KubeletResponse.Failure GIVEN_UP =
      Reason.ConnectionClosed.because("the operator gave the request up");

  private final Peer peer;
  private final String token;
  private final ReaderOptions options;
  private final Consumer<KubeletResponse> outcome;
  private final Blocks body = new Blocks();
  private String phase = "the connection";
  private Channel channel;
  private Future<?> deadline;
  private boolean over;

  Exchange(Peer peer, String token, ReaderOptions options, Consumer<KubeletResponse> outcome) {
    this.peer = peer;
    this.token = token;
    this.options = options;
    this.outcome = outcome;
  }

  /// Begins. The outcome is told once, on the loop, and the connection is closed by then.
  ///
  /// @param plain a bootstrap without group and handler
  void start(Bootstrap plain, EventLoop loop, SslContext tls) {
    onLoop(loop, () -> connect(plain, loop, tls));
  }

  /// Ends it, if it has not ended.
  void cancel(EventLoop loop) {
    onLoop(loop, () -> end(GIVEN_UP));
  }

  private void onLoop(EventLoop loop, Runnable step) {
    try {
      loop.execute(step);
    } catch (RejectedExecutionException e) {
      end(GIVEN_UP); // the reader is closed, so nothing runs beside us
    }
  }

  private void connect(Bootstrap plain, EventLoop loop, SslContext tls) {
    if (over) {
      return;
    }
    countDown(loop, SLICES);
    ChannelFuture connecting =
        plain
            .clone(loop)
            .handler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel ch) {
                    ch.pipeline()
                        .addLast(PeerTls.handler(tls, ch.alloc(), peer))
                        .addLast(new HttpClientCodec(4096, 8192, CHUNK))
                        .addLast(Exchange.this);
                  }
                })
            .connect(Sockets.address(peer.host(), peer.port()));
    channel = connecting.channel();
    connecting.addListener(
        done -> {
          if (!done.isSuccess()) {
            end(Failures.whileConnecting(peer, done.cause()));
          } else {
            phase = "the TLS handshake";
          }
        });
  }

  /// The timeout, a slice at a time: a slice that ends late because this process had no processor
  /// counts once, so a busy operator does not take healthy kubelets for hanging ones.
  private void countDown(EventLoop loop, int slices) {
    if (slices == 0) {
      timedOut();
    } else {
      deadline =
          loop.schedule(
              () -> countDown(loop, slices - 1),
              options.timeout().toNanos() / SLICES,
              TimeUnit.NANOSECONDS);
    }
  }

  private void timedOut() {
    end(
        Reason.Timeout.because(
            peer.name() + " took longer than " + seconds(options.timeout()) + " for " + phase));
  }

  private static String seconds(Duration time) {
    return time.toMillis() / 1000.0 + " s";
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslHandshakeCompletionEvent handshake) {
      if (handshake.isSuccess()) {
        phase = "the headers of the answer";
        ctx.writeAndFlush(request()).addListener(written -> failed(written.cause()));
      } else {
        end(Failures.ofHandshake(peer, handshake.cause()));
      }
    }
  }

  private void failed(Throwable cause) {
    if (cause != null) {
      end(Failures.afterHandshake(peer, phase, cause));
    }
  }

  private DefaultFullHttpRequest request() {
    var request = new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, peer.path());
    request
        .headers()
        .set(HttpHeaderNames.HOST, peer.hostHeader())
        .set(HttpHeaderNames.AUTHORIZATION, "Bearer " + token)
        .set(HttpHeaderNames.ACCEPT, "application/json")
        .set(HttpHeaderNames.USER_AGENT, "cgroup-policy-operator")
        .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    return request;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, HttpObject message) {
    if (over) {
      return;
    }
    if (message.decoderResult().isFailure()) {
      end(Reason.Garbage.because(peer.name() + " does not answer in HTTP"));
      return;
    }
    if (message instanceof HttpResponse response) {
      headers(response);
    }
    if (!over && message instanceof HttpContent part) {
      content(part);
    }
  }

  private void headers(HttpResponse response) {
    phase = "the body of the answer";
    int status = response.status().code();
    if (status != 200) {
      end(Failures.ofStatus(peer, status));
    } else if (HttpUtil.isContentLengthSet(response)
        && HttpUtil.getContentLength(response) > options.maxBody()) {
      tooLarge();
    }
  }

  private void content(HttpContent part) {
    var bytes = part.content();
    if (bytes.readableBytes() > options.maxBody() - body.size()) {
      tooLarge();
      return;
    }
    body.add(bytes);
    if (part instanceof LastHttpContent) {
      end(new Body(body.bytes()));
    }
  }

  private void tooLarge() {
    end(
        Reason.TooLarge.because(
            "the answer of " + peer.name() + " has more than " + options.maxBody() + " bytes"));
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    end(
        Reason.ConnectionClosed.because(
            peer.name() + " closed the connection instead of finishing " + phase));
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    end(Failures.afterHandshake(peer, phase, cause));
  }

  private void end(KubeletResponse response) {
    if (over) {
      return;
    }
    over = true;
    if (deadline != null) {
      deadline.cancel(false);
    }
    if (channel != null) {
      // Not through the TLS handler, which would wait for a peer that hangs to take its goodbye.
      var first = channel.pipeline().firstContext();
      if (first == null) {
        channel.close();
      } else {
        first.close();
      }
    }
    outcome.accept(response);
  }
}
