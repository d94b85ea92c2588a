package io.cgrouppolicy.bench;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;

/// Sends prepared requests, 32 at a time, and does nothing else: the limit that this machine, this
/// API server and a JVM client set.
final class RawClient {
  static final int CONCURRENCY = 32;

  record Request(String method, String path, String contentType, String body) {}

  private final KubernetesClient client;

  RawClient(KubernetesClient client) {
    this.client = client;
  }

  /// The seconds that n tasks of one or more requests in a row take; each request must succeed.
  double run(int n, IntFunction<Request[]> task) {
    var failures = new AtomicInteger();
    var places = new Semaphore(CONCURRENCY);
    long start = System.nanoTime();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < n; i++) {
        int number = i;
        places.acquireUninterruptibly();
        threads.execute(
            () -> {
              try {
                for (var request : task.apply(number)) {
                  if (!send(request)) {
                    failures.incrementAndGet();
                  }
                }
              } finally {
                places.release();
              }
            });
      }
    }
    if (failures.get() > 0) {
      throw new IllegalStateException(failures + " requests failed");
    }
    return (System.nanoTime() - start) / 1e9;
  }

  private boolean send(Request request) {
    var http = client.getHttpClient();
    try {
      var message =
          http.newHttpRequestBuilder()
              .uri(client.getConfiguration().getMasterUrl() + request.path())
              .header("Accept", "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1")
              .method(request.method(), request.contentType(), request.body())
              .build();
      return http.sendAsync(message, byte[].class).get(60, TimeUnit.SECONDS).isSuccessful();
    } catch (Exception e) {
      throw new IllegalStateException(request.path(), e);
    }
  }
}
