package io.cgrouppolicy.bench;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.internal.SSLUtils;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.io.entity.EntityUtils;

/// Sends prepared requests, 32 at a time, and does nothing else: what the API server, this machine
/// and a JVM client can do at most.
final class RawClient {
  static final int CONCURRENCY = 32;
  private static final String ACCEPT =
      "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";

  record Request(String method, String path, String contentType, String body) {}

  /// Sends one request and gives the status code.
  private interface Wire {
    int send(Request request) throws Exception;
  }

  private final Wire wire;

  private RawClient(Wire wire) {
    this.wire = wire;
  }

  /// The client that operators on this stack use.
  static RawClient plain(KubernetesClient client) {
    var http = client.getHttpClient();
    var server = client.getConfiguration().getMasterUrl();
    return new RawClient(
        request -> {
          var message =
              http.newHttpRequestBuilder()
                  .uri(server + request.path())
                  .header("Accept", ACCEPT)
                  .method(request.method(), request.contentType(), request.body())
                  .build();
          return http.sendAsync(message, byte[].class).get(60, TimeUnit.SECONDS).code();
        });
  }

  /// The leanest client that we know of for the JVM: nearest to the API server's own limit.
  static RawClient lean(KubernetesClient client) throws Exception {
    var config = client.getConfiguration();
    var connections =
        PoolingHttpClientConnectionManagerBuilder.create()
            .setMaxConnTotal(CONCURRENCY)
            .setMaxConnPerRoute(CONCURRENCY)
            .setTlsSocketStrategy(new DefaultClientTlsStrategy(SSLUtils.sslContext(config)))
            .build();
    var http =
        HttpClients.custom()
            .setConnectionManager(connections)
            .disableConnectionState()
            .disableContentCompression()
            .disableCookieManagement()
            .build();
    return new RawClient(
        request -> {
          var message =
              new HttpUriRequestBase(
                  request.method(),
                  java.net.URI.create(config.getMasterUrl()).resolve(request.path()));
          message.setHeader("Accept", ACCEPT);
          message.setHeader("Authorization", "Bearer " + config.getOauthToken());
          message.setEntity(
              new ByteArrayEntity(
                  request.body().getBytes(StandardCharsets.UTF_8),
                  ContentType.create(request.contentType())));
          return http.execute(
              message,
              response -> {
                EntityUtils.consume(response.getEntity());
                return response.getCode();
              });
        });
  }

  /// The seconds that n tasks of one or more requests in a row take; each request must succeed.
  double run(int n, IntFunction<Request[]> task) throws InterruptedException {
    var failures = new AtomicInteger();
    var next = new AtomicInteger();
    var done = new CountDownLatch(CONCURRENCY);
    long start = System.nanoTime();
    for (int t = 0; t < CONCURRENCY; t++) {
      Thread.ofPlatform()
          .daemon()
          .start(
              () -> {
                for (int i = next.getAndIncrement(); i < n; i = next.getAndIncrement()) {
                  for (var request : task.apply(i)) {
                    send(request, failures);
                  }
                }
                done.countDown();
              });
    }
    done.await();
    if (failures.get() > 0) {
      throw new IllegalStateException(failures + " requests failed");
    }
    return (System.nanoTime() - start) / 1e9;
  }

  private void send(Request request, AtomicInteger failures) {
    try {
      int code = wire.send(request);
      if (code >= 300) {
        System.err.println(request.method() + " " + request.path() + ": " + code);
        failures.incrementAndGet();
      }
    } catch (Exception e) {
      System.err.println(request.method() + " " + request.path() + ": " + e);
      failures.incrementAndGet();
    }
  }
}
