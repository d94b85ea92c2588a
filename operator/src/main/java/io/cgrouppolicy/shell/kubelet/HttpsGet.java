package io.cgrouppolicy.shell.kubelet;

import io.cgrouppolicy.shell.kubelet.KubeletResponse.Body;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.Method;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.DefaultBHttpClientConnectionFactory;
import org.apache.hc.core5.http.impl.io.DefaultHttpResponseParserFactory;
import org.apache.hc.core5.http.message.BasicClassicHttpRequest;

/// One GET on a TLS connection of its own. It blocks, and must run on a virtual thread: there, an
/// interrupt closes the socket that is waited for. So an interrupt ends every phase, from the DNS
/// lookup to a body that trickles in.
///
/// The token is written after the handshake, in which the server is verified. Redirects, retries,
/// proxies and compression do not exist here: this uses only the HTTP/1.1 codec of Apache's client.
final class HttpsGet implements Runnable {
  private static final Http1Config LIMITS =
      Http1Config.custom().setMaxLineLength(4096).setMaxHeaderCount(64).build();

  /// The parser has to be given the limits as well: it does not take them from the connection.
  private static final DefaultBHttpClientConnectionFactory HTTP =
      DefaultBHttpClientConnectionFactory.builder()
          .http1Config(LIMITS)
          .responseParserFactory(new DefaultHttpResponseParserFactory(LIMITS))
          .build();

  private final KubeletEndpoint endpoint;
  private final String token;
  private final int maxBody;
  private final SSLContext tls;
  private final HostLookup hosts;
  private volatile Phase phase = Phase.CONNECTION;
  private volatile KubeletResponse response;

  /// What a request waits for.
  enum Phase {
    CONNECTION("the connection"),
    HANDSHAKE("the TLS handshake"),
    HEADERS("the headers of the answer"),
    BODY("the body of the answer");

    private final String text;

    Phase(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  HttpsGet(KubeletEndpoint endpoint, String token, int maxBody, SSLContext tls, HostLookup hosts) {
    this.endpoint = endpoint;
    this.token = token;
    this.maxBody = maxBody;
    this.tls = tls;
    this.hosts = hosts;
  }

  Phase phase() {
    return phase;
  }

  /// Null until `run` has returned.
  KubeletResponse response() {
    return response;
  }

  @Override
  public void run() {
    // Only the plain socket is closed: closing TLS would wait for a server that hangs to take the
    // close_notify.
    try (var socket = new Socket(Proxy.NO_PROXY)) {
      response = get(socket);
    } catch (IOException | HttpException | InterruptedException | RuntimeException e) {
      response = FailureReasons.of(endpoint, phase, e);
    }
  }

  private KubeletResponse get(Socket socket)
      throws IOException, HttpException, InterruptedException {
    socket.setTcpNoDelay(true);
    socket.connect(new InetSocketAddress(hosts.address(endpoint.host()), endpoint.port()));
    phase = Phase.HANDSHAKE;
    var secured = handshake(socket);
    phase = Phase.HEADERS;
    var http = HTTP.createConnection(secured, socket);
    http.sendRequestHeader(request());
    http.flush();
    var answer = http.receiveResponseHeader();
    phase = Phase.BODY;
    if (answer.getCode() != 200) {
      return FailureReasons.ofStatus(endpoint, answer.getCode());
    }
    http.receiveResponseEntity(answer);
    return body(answer);
  }

  private SSLSocket handshake(Socket socket) throws IOException {
    var secured =
        (SSLSocket)
            tls.getSocketFactory().createSocket(socket, endpoint.host(), endpoint.port(), false);
    var parameters = secured.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS"); // the name or IP address must match
    secured.setSSLParameters(parameters);
    secured.startHandshake();
    forgetSession(secured);
    return secured;
  }

  /// The JDK caches the session of a full handshake, which nothing can resume in TLS 1.3, and which
  /// keeps all sessions that were resumed after it: one more with each request. The ticket that can
  /// be resumed comes later, with the answer.
  private static void forgetSession(SSLSocket secured) {
    if ("TLSv1.3".equals(secured.getSession().getProtocol())) {
      secured.getSession().invalidate();
    }
  }

  private ClassicHttpRequest request() {
    var request = new BasicClassicHttpRequest(Method.GET, endpoint.path());
    request.setHeader(HttpHeaders.HOST, endpoint.hostHeader());
    request.setHeader(HttpHeaders.AUTHORIZATION, "Bearer " + token);
    request.setHeader(HttpHeaders.ACCEPT, "application/json");
    request.setHeader(HttpHeaders.USER_AGENT, "cgroup-policy-operator");
    request.setHeader(HttpHeaders.CONNECTION, "close");
    return request;
  }

  private KubeletResponse body(ClassicHttpResponse answer) throws IOException {
    var entity = answer.getEntity();
    if (entity.getContentLength() > maxBody) {
      return tooLarge();
    }
    var content = entity.getContent();
    var bytes = content.readNBytes(maxBody);
    return bytes.length == maxBody && content.read() >= 0 ? tooLarge() : new Body(bytes);
  }

  private KubeletResponse tooLarge() {
    return Reason.TooLarge.because(
        "the answer of " + endpoint.name() + " has more than " + maxBody + " bytes");
  }
}
