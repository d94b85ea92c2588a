package io.cgrouppolicy.telemetry.endpoint;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Ticker;
import io.cgrouppolicy.core.check.Sha256;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jboss.logging.Logger;

/// Asks the API server which user a token belongs to, and whether the user may get a URL of the
/// operator: the metrics, or the report. Answers are cached, so that not every scrape costs two
/// requests. Failures are not cached, and grant nothing.
final class MetricsAccess {
  private static final Logger LOG = Logger.getLogger(MetricsAccess.class);

  /// Most answers of either kind. They have separate caches, so that a flood of denials evicts no
  /// reader.
  static final int MOST = 1000;

  /// Most reviews at a time, so that a flood of invalid tokens cannot overload the API server.
  static final int AT_A_TIME = 8;

  /// A user of the cluster.
  record User(String name, boolean mayRead) {}

  /// Why a request gets no metrics. The message goes to the client and to the log, so it contains
  /// nothing from the request.
  static final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final int code;

    /// @param code of HTTP
    Refusal(int code, String message) {
      super(message, null, false, false);
      this.code = code;
    }

    int code() {
      return code;
    }
  }

  static final Refusal BUSY = new Refusal(503, "too many tokens are being reviewed");

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final long QUIET = TimeUnit.MINUTES.toNanos(1);

  private final String path;
  private final Function<String, Optional<User>> reviews;
  private final Executor executor;

  /// By the hash of the token. Tokens are not kept.
  private final Cache<String, Optional<User>> readers;

  /// Denials, and pending reviews.
  private final AsyncCache<String, Optional<User>> others;

  private final AtomicLong complained = new AtomicLong(System.nanoTime() - QUIET);

  /// @param path that clients must be permitted to get
  MetricsAccess(KubernetesClient client, EndpointSettings settings, String path) {
    this(
        path,
        new ClusterReviews(client, path),
        settings.allowedFor(),
        settings.refusedFor(),
        Ticker.systemTicker(),
        eightAtATime());
  }

  /// @param reviews the user of a token, if there is one; may block
  /// @param executor runs reviews, and rejects those over its limit
  MetricsAccess(
      String path,
      Function<String, Optional<User>> reviews,
      Duration allowedFor,
      Duration refusedFor,
      Ticker ticker,
      Executor executor) {
    this.path = path;
    this.reviews = reviews;
    this.executor = executor;
    this.readers = bounded(ticker).expireAfterWrite(allowedFor).build();
    this.others =
        bounded(ticker)
            .expireAfter(
                Expiry.<String, Optional<User>>creating(
                    (key, answer) -> mayRead(answer) ? Duration.ZERO : refusedFor))
            .buildAsync();
  }

  private static Caffeine<Object, Object> bounded(Ticker ticker) {
    return Caffeine.newBuilder().maximumSize(MOST).ticker(ticker).executor(Runnable::run);
  }

  static Executor eightAtATime() {
    return new ThreadPoolExecutor(
        0,
        AT_A_TIME,
        0,
        TimeUnit.SECONDS,
        new SynchronousQueue<>(),
        Thread.ofVirtual().name("metrics-review-", 0).factory());
  }

  /// The only way to the metrics: completes with null if the client may read them, else with the
  /// reason.
  /// Does not block.
  ///
  /// @param headers the request's `Authorization`
  CompletableFuture<Refusal> refusal(List<String> headers) {
    var token = token(headers);
    if (token == null) {
      return CompletableFuture.completedFuture(new Refusal(401, "a bearer token is needed"));
    }
    return of(token)
        .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
        .handle((user, failure) -> failure == null ? refusal(user) : failed(failure));
  }

  private Refusal refusal(Optional<User> user) {
    if (user.isEmpty()) {
      return new Refusal(401, "it is not a token of this cluster");
    }
    return user.get().mayRead()
        ? null
        : new Refusal(403, user.get().name() + " may not get the URL " + path);
  }

  /// Null if there is none, or more than one.
  static String token(List<String> headers) {
    if (headers.size() != 1) {
      return null;
    }
    var parts = headers.getFirst().strip().split(" +", 2);
    return parts.length == 2 && parts[0].toLowerCase(Locale.ROOT).equals("bearer")
        ? parts[1].strip()
        : null;
  }

  /// Concurrent requests with the same token share one review.
  CompletableFuture<Optional<User>> of(String token) {
    var key = hash(token);
    var known = readers.getIfPresent(key);
    if (known != null) {
      return CompletableFuture.completedFuture(known);
    }
    try {
      return others
          .get(
              key, (same, unused) -> CompletableFuture.supplyAsync(() -> ask(token, key), executor))
          .copy(); // so that cancelling one request does not cancel the others
    } catch (RejectedExecutionException e) {
      return CompletableFuture.failedFuture(BUSY);
    }
  }

  private Optional<User> ask(String token, String key) {
    var answer = reviews.apply(token);
    if (mayRead(answer)) {
      readers.put(key, answer);
    }
    return answer;
  }

  private static boolean mayRead(Optional<User> answer) {
    return answer.isPresent() && answer.get().mayRead();
  }

  private Refusal failed(Throwable failure) {
    var cause = failure instanceof CompletionException ? failure.getCause() : failure;
    Refusal refusal;
    switch (cause) {
      case Refusal known -> refusal = known;
      case TimeoutException late -> refusal = new Refusal(503, "the API server takes too long");
      default -> {
        LOG.error("reviewing a request for metrics", cause);
        return new Refusal(500, "the review failed");
      }
    }
    long now = System.nanoTime();
    long last = complained.get();
    if (refusal != BUSY && now - last >= QUIET && complained.compareAndSet(last, now)) {
      LOG.errorf("metrics are kept back: %s", refusal.getMessage());
    }
    return refusal;
  }

  private static String hash(String token) {
    return HexFormat.of().formatHex(Sha256.of(token));
  }
}
