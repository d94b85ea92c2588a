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
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.DefaultHttpRequestRetryStrategy;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.client5.http.ssl.NoopHostnameVerifier;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.pool.PoolConcurrencyPolicy;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;

/// The connections on which objects are written: blocking, kept alive, one per reconciling thread.
/// Certificates, credentials and the refresh of tokens are fabric8's own; only the bytes are
/// carried by Apache's client, which takes half the CPU of fabric8's for it (docs/adr/0006).
/// Connects to the API server directly: an operator runs beside it, not behind a proxy.
@ApplicationScoped
class WriteChannel {
  private static final int CONNECTIONS = 64;
  private static final int LARGEST_ANSWER = 4 << 20;
  private static final Timeout CONNECT = Timeout.ofSeconds(5);
  private static final Timeout ANSWER = Timeout.ofSeconds(15);

  private final URI server;
  private final Collection<Interceptor> headers;
  private final Interceptor.RequestTags settings;
  private final CloseableHttpClient http;

  /// @param code the HTTP status
  /// @param body never null
  record Answer(int code, byte[] body) {}

  WriteChannel(KubernetesClient client) throws GeneralSecurityException, IOException {
    var config = client.getConfiguration();
    server = URI.create(config.getMasterUrl());
    headers = HttpClientUtils.createApplicableInterceptors(config, null).values();
    settings = new Settings(config.getRequestConfig());
    http = open(config);
  }

  private static CloseableHttpClient open(Config config)
      throws GeneralSecurityException, IOException {
    var context = SSLUtils.sslContext(config);
    var tls =
        config.isTrustCerts() || config.isDisableHostnameVerification()
            ? new DefaultClientTlsStrategy(context, NoopHostnameVerifier.INSTANCE)
            : new DefaultClientTlsStrategy(context);
    var connections =
        PoolingHttpClientConnectionManagerBuilder.create()
            .setPoolConcurrencyPolicy(PoolConcurrencyPolicy.LAX) // one lock less for all threads
            .setMaxConnTotal(CONNECTIONS)
            .setMaxConnPerRoute(CONNECTIONS)
            .setTlsSocketStrategy(tls)
            .setDefaultConnectionConfig(
                ConnectionConfig.custom().setConnectTimeout(CONNECT).build())
            .build();
    return HttpClients.custom()
        .setConnectionManager(connections)
        .setDefaultRequestConfig(
            RequestConfig.custom()
                .setConnectionRequestTimeout(ANSWER)
                .setResponseTimeout(ANSWER)
                .build())
        .setRetryStrategy(new OnceMore())
        .disableConnectionState()
        .disableContentCompression()
        .disableCookieManagement()
        .disableRedirectHandling()
        .disableAuthCaching()
        .build();
  }

  /// Once more over a new connection when the server had closed the old one, and when it says 429
  /// or 503 with a time to wait. Every request here can be repeated without harm: creations
  /// of one name, applies, merges of fixed values, deletions of one version.
  private static final class OnceMore extends DefaultHttpRequestRetryStrategy {
    OnceMore() {
      super(1, TimeValue.ofMilliseconds(100));
    }

    @Override
    protected boolean handleAsIdempotent(HttpRequest request) {
      return true;
    }
  }

  /// Sends a request and waits for the whole answer.
  ///
  /// @param path with the query, without a leading slash
  Answer send(String method, String path, String accept, HttpEntity body) throws IOException {
    var request = new HttpUriRequestBase(method, server.resolve(path));
    var builder = new Headers(request);
    headers.forEach(interceptor -> interceptor.before(builder, null, settings));
    request.setHeader("Accept", accept);
    request.setEntity(body);
    return http.execute(
        request,
        response -> {
          var entity = response.getEntity();
          var bytes =
              entity == null ? new byte[0] : EntityUtils.toByteArray(entity, LARGEST_ANSWER);
          return new Answer(response.getCode(), bytes);
        });
  }

  /// Where fabric8's interceptors look for what is set per request.
  private record Settings(io.fabric8.kubernetes.client.RequestConfig config)
      implements Interceptor.RequestTags {
    @Override
    public <T> T getTag(Class<T> type) {
      return type.isInstance(config) ? type.cast(config) : null;
    }
  }

  /// What fabric8's interceptors write their headers to.
  private record Headers(HttpUriRequestBase request) implements BasicBuilder {
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

  void close(@Observes @Priority(Integer.MAX_VALUE) ShutdownEvent event) throws IOException {
    http.close();
  }
}
