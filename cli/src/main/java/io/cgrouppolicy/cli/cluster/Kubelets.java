package io.cgrouppolicy.cli.cluster;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.kubelet.Answer;
import io.cgrouppolicy.core.kubelet.Answer.Unusable;
import io.cgrouppolicy.core.kubelet.Answer.Usable;
import io.cgrouppolicy.core.kubelet.KubeletConfiguration;
import io.cgrouppolicy.core.kubelet.KubeletSupport;
import io.cgrouppolicy.core.kubelet.MalformedAnswerException;
import io.cgrouppolicy.core.kubelet.NodeFacts;
import io.cgrouppolicy.core.kubelet.SharedConfigurations;
import io.cgrouppolicy.core.kubelet.pressure.NodeSummary;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/// Asks kubelets through the API server, with the rights of the user.
final class Kubelets {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int CONCURRENCY = 32;
  private static final long TIMEOUT_SECONDS = 10;
  private static final int MAX_CONFIGZ = 1 << 20;
  private static final int MAX_SUMMARY = 4 << 20;

  private final KubernetesClient client;
  private final Progress progress;

  /// Why the API server refuses all requests. Set by the first, after which none is sent.
  private final AtomicReference<String> refusal = new AtomicReference<>();

  Kubelets(KubernetesClient client, Progress progress) {
    this.client = client;
    this.progress = progress;
  }

  Optional<String> refusal() {
    return Optional.ofNullable(refusal.get());
  }

  Map<String, Answer<KubeletConfiguration>> configurations(List<NodeFacts> nodes) {
    return ask(nodes, "/configz", MAX_CONFIGZ, new SharedConfigurations()::parse);
  }

  Map<String, Answer<NodeSummary>> summaries(List<NodeFacts> nodes) {
    return ask(nodes, "/stats/summary", MAX_SUMMARY, NodeSummary::parse);
  }

  private interface Parser<T> {
    T parse(byte[] body) throws MalformedAnswerException;
  }

  private <T> Map<String, Answer<T>> ask(
      List<NodeFacts> nodes, String path, int maxBody, Parser<T> parser) {
    var answers = new TreeMap<String, Answer<T>>();
    var places = new Semaphore(CONCURRENCY);
    var done = new AtomicInteger();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var futures = new TreeMap<String, Future<Answer<T>>>();
      for (var node : nodes) {
        if (node.obstacle().isEmpty()) {
          futures.put(
              node.name(),
              threads.submit(
                  () -> {
                    places.acquire();
                    try {
                      return ask(node, path, maxBody, parser);
                    } finally {
                      places.release();
                      progress.show("%s of %,d kubelets".formatted(path, done.incrementAndGet()));
                    }
                  }));
        }
      }
      for (var future : futures.entrySet()) {
        answers.put(future.getKey(), future.getValue().get());
      }
      return answers;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  private <T> Answer<T> ask(NodeFacts node, String path, int maxBody, Parser<T> parser)
      throws InterruptedException {
    var tooOld = KubeletSupport.tooOld(node.kubeletVersion(), path, false);
    if (tooOld.isPresent()) {
      return new Unusable<>(
          Check.KubeletUnauthorized, KubeletSupport.TOO_OLD, tooOld.get() + ": upgrade the node");
    }
    if (refusal.get() != null) {
      return new Unusable<>(Check.KubeletUnauthorized, "Forbidden", refusal.get());
    }
    var body = new Body(maxBody);
    var request = send(node.name(), path, body);
    try {
      int status = request.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
      if (body.tooLarge) {
        return tooLarge(path, maxBody);
      }
      return status == HttpURLConnection.HTTP_OK
          ? new Usable<>(parser.parse(body.bytes.toByteArray()))
          : refused(node, path, status, body.bytes.toByteArray());
    } catch (TimeoutException e) {
      request.cancel(true);
      return new Unusable<>(
          Check.KubeletUnreachable,
          "Timeout",
          "the API server took longer than " + TIMEOUT_SECONDS + "s for " + path);
    } catch (MalformedAnswerException e) {
      return new Unusable<>(Check.KubeletConfigUnavailable, "Garbage", e.getMessage());
    } catch (ExecutionException e) {
      return body.tooLarge
          ? tooLarge(path, maxBody)
          : new Unusable<>(
              Check.KubeletUnreachable,
              "ConnectionClosed",
              "the request for " + path + " through the API server failed: " + e.getCause());
    }
  }

  private static <T> Unusable<T> tooLarge(String path, int maxBody) {
    return new Unusable<>(
        Check.KubeletConfigUnavailable,
        "TooLarge",
        "the answer to " + path + " is longer than " + maxBody + " bytes");
  }

  private <T> Unusable<T> refused(NodeFacts node, String path, int status, byte[] body) {
    var answered = "the API server answered %d to GET %s of node %s";
    var message = answered.formatted(status, path, node.name());
    return switch (status) {
      case HttpURLConnection.HTTP_UNAUTHORIZED, HttpURLConnection.HTTP_FORBIDDEN -> {
        if (!isOfApiServer(body)) {
          yield new Unusable<>(
              Check.KubeletUnauthorized,
              status == HttpURLConnection.HTTP_FORBIDDEN ? "Forbidden" : "Unauthorized",
              message
                  + ": the kubelet denies the API server, so look at the kubelet's authorization");
        }
        var why = "the API server's proxy needs the permission get nodes/proxy";
        refusal.compareAndSet(null, why);
        yield new Unusable<>(Check.KubeletUnauthorized, "Forbidden", why);
      }
      case HttpURLConnection.HTTP_NOT_FOUND ->
          new Unusable<>(
              Check.KubeletConfigUnavailable,
              "NotFound",
              message + ": the kubelet's debugging handlers are off (enableDebuggingHandlers)");
      case HttpURLConnection.HTTP_BAD_GATEWAY,
          HttpURLConnection.HTTP_UNAVAILABLE,
          HttpURLConnection.HTTP_GATEWAY_TIMEOUT ->
          new Unusable<>(
              Check.KubeletUnreachable, "Unreachable", message + ": look at the node's network");
      default -> new Unusable<>(Check.KubeletConfigUnavailable, "ServerError", message);
    };
  }

  /// Whether the API server itself denies the request. It passes on the denial of a kubelet, which
  /// is a plain text.
  private static boolean isOfApiServer(byte[] body) {
    try {
      return JSON.readTree(body).path("kind").asText().equals("Status");
    } catch (IOException e) {
      return false;
    }
  }

  /// The body of an answer, as far as it is within the bound.
  private static final class Body {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final int most;
    private volatile boolean tooLarge;

    Body(int most) {
      this.most = most;
    }

    void consume(List<ByteBuffer> buffers, AsyncBody rest) {
      for (var buffer : buffers) {
        if (bytes.size() + buffer.remaining() > most) {
          tooLarge = true;
          rest.cancel();
          return;
        }
        var chunk = new byte[buffer.remaining()];
        buffer.get(chunk);
        bytes.writeBytes(chunk);
      }
      rest.consume();
    }
  }

  /// @return the status, once the body is complete
  private CompletableFuture<Integer> send(String node, String path, Body body) {
    var http = client.getHttpClient();
    var base = client.getConfiguration().getMasterUrl().replaceAll("/+$", "");
    var request =
        http.newHttpRequestBuilder()
            .uri(URI.create(base + "/api/v1/nodes/" + node + "/proxy" + path))
            .timeout(TIMEOUT_SECONDS, TimeUnit.SECONDS)
            .build();
    return http.consumeBytes(request, body::consume).thenCompose(Kubelets::complete);
  }

  private static CompletableFuture<Integer> complete(HttpResponse<AsyncBody> response) {
    response.body().consume();
    return response.body().done().thenApply(nothing -> response.code());
  }
}
