package io.cgrouppolicy.shell.write;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.fabric8.kubernetes.client.internal.SSLUtils;
import io.fabric8.kubernetes.client.utils.HttpClientUtils;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.util.Collection;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SchemePortResolver;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.DefaultHttpRequestRetryStrategy;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.DefaultHttpClientConnectionOperator;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.io.HttpClientConnectionOperator;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.client5.http.ssl.NoopHostnameVerifier;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.config.RegistryBuilder;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.pool.PoolConcurrencyPolicy;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;

/// The connections for writes: blocking, kept alive, one per reconciling thread. Certificates,
/// credentials and token refresh come from fabric8. Apache's client sends the bytes, because it
/// needs less CPU than fabric8's (docs/adr/0006). It does not use a proxy.
@ApplicationScoped
class WriteChannel {
  private static final int CONNECTIONS = 64;
  private static final int MAX_RESPONSE = 4 << 20;
  private static final Timeout CONNECT_TIMEOUT = Timeout.ofSeconds(5);
  private static final Timeout RESPONSE_TIMEOUT = Timeout.ofSeconds(15);

  private final URI server;
  private final Collection<Interceptor> headers;
  private final Interceptor.RequestTags tags;
  private final CloseableHttpClient http;

  /// @param code the HTTP status
  /// @param body never null
  record Response(int code, byte[] body) {}

  WriteChannel(KubernetesClient client, LeaseFence fence)
      throws GeneralSecurityException, IOException {
    var config = client.getConfiguration();
    server = URI.create(config.getMasterUrl());
    headers = HttpClientUtils.createApplicableInterceptors(config, null).values();
    tags = new RequestSettings(config.getRequestConfig());
    http = open(config, fence);
  }

  private static CloseableHttpClient open(Config config, LeaseFence fence)
      throws GeneralSecurityException, IOException {
    var context = SSLUtils.sslContext(config);
    var tls =
        config.isTrustCerts() || config.isDisableHostnameVerification()
            ? new DefaultClientTlsStrategy(context, NoopHostnameVerifier.INSTANCE)
            : new DefaultClientTlsStrategy(context);
    var connections =
        new FencedConnections(fence)
            .setPoolConcurrencyPolicy(PoolConcurrencyPolicy.LAX) // no lock shared by all threads
            .setMaxConnTotal(CONNECTIONS)
            .setMaxConnPerRoute(CONNECTIONS)
            .setTlsSocketStrategy(tls)
            .setDefaultConnectionConfig(
                ConnectionConfig.custom().setConnectTimeout(CONNECT_TIMEOUT).build())
            .build();
    return HttpClients.custom()
        .setConnectionManager(connections)
        .setDefaultRequestConfig(
            RequestConfig.custom()
                .setConnectionRequestTimeout(RESPONSE_TIMEOUT)
                .setResponseTimeout(RESPONSE_TIMEOUT)
                .build())
        .setRetryStrategy(new RetryOnce())
        .disableConnectionState()
        .disableContentCompression()
        .disableCookieManagement()
        .disableRedirectHandling()
        .disableAuthCaching()
        .build();
  }

  /// Opens sockets that check the lease.
  private static final class FencedConnections extends PoolingHttpClientConnectionManagerBuilder {
    private final LeaseFence fence;

    FencedConnections(LeaseFence fence) {
      this.fence = fence;
    }

    @Override
    protected HttpClientConnectionOperator createConnectionOperator(
        SchemePortResolver ports, DnsResolver names, TlsSocketStrategy tls) {
      return new DefaultHttpClientConnectionOperator(
          proxy -> new FencedSocket(fence),
          ports,
          names,
          RegistryBuilder.<TlsSocketStrategy>create().register("https", tls).build());
    }
  }

  /// Retries once: on a new connection if the server had closed the old one, and after the wait
  /// that a 429 or 503 asks for. Every request here is safe to repeat: a create of one name, an
  /// apply, a merge of fixed values, a delete of one version.
  private static final class RetryOnce extends DefaultHttpRequestRetryStrategy {
    RetryOnce() {
      super(1, TimeValue.ofMilliseconds(100));
    }

    @Override
    protected boolean handleAsIdempotent(HttpRequest request) {
      return true;
    }
  }

  /// Sends a request and waits for the whole response.
  ///
  /// @param path with the query, without a leading slash
  Response send(String method, String path, String accept, HttpEntity body) throws IOException {
    var request = new HttpUriRequestBase(method, server.resolve(path));
    var builder = new RequestHeaders(request);
    headers.forEach(interceptor -> interceptor.before(builder, null, tags));
    request.setHeader("Accept", accept);
    request.setEntity(body);
    return http.execute(
        request,
        response -> {
          var entity = response.getEntity();
          var bytes = entity == null ? new byte[0] : EntityUtils.toByteArray(entity, MAX_RESPONSE);
          return new Response(response.getCode(), bytes);
        });
  }

  /// Gives fabric8's interceptors the settings of the request.
  private record RequestSettings(io.fabric8.kubernetes.client.RequestConfig config)
      implements Interceptor.RequestTags {
    @Override
    public <T> T getTag(Class<T> type) {
      return type.isInstance(config) ? type.cast(config) : null;
    }
  }

  /// Lets fabric8's interceptors set the URI and headers of the request.
  private record RequestHeaders(HttpUriRequestBase request) implements BasicBuilder {
    @Override
    public BasicBuilder uri(URI uri) {
      request.setUri(uri);
      return this;
    }

    @Override
    public BasicBuilder header(String name, String value) {
      request.addHeader(name, value);
      return this;
    }

    @Override
    public BasicBuilder setHeader(String name, String value) {
      request.setHeader(name, value);
      return this;
    }
  }

  void close(@Observes @Priority(Integer.MAX_VALUE) ShutdownEvent event) {
    http.close(CloseMode.IMMEDIATE); // a TLS alert would have to pass the fence, too
  }
}
