package io.cgrouppolicy.telemetry.endpoint;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import org.jboss.logging.Logger;

/// Who may read the metrics. An answer of the API server holds for a while, so that a scrape does
/// not cost two requests; what it could not be asked is no answer, is not kept, and opens nothing.
/// Of a token only the hash is kept.
final class MetricsAccess {
  private static final Logger LOG = Logger.getLogger(MetricsAccess.class);

  /// Most answers kept of either kind. More than there can be who have a reason to ask.
  static final int MOST = 1000;

  /// Most tokens that are asked about at a time, so that whoever sends made-up ones cannot load the
  /// API server.
  static final int AT_A_TIME = 8;

  private static final Duration QUIET = Duration.ofMinutes(1);

  /// What to say to a request.
  ///
  /// @param code of HTTP: 200, 401, 403, or 500 and 503 where the API server gave no answer
  record Answer(int code, String message) {
    static final Answer ALLOWED = new Answer(200, "");
    static final Answer UNAUTHENTICATED =
        new Answer(401, "a bearer token of this cluster is needed");
    static final Answer BUSY = new Answer(503, "too many tokens are being reviewed");
  }

  private record Known(Answer answer, Instant until) {}

  private final Function<String, Answer> reviews;
  private final Duration allowedFor;
  private final Duration refusedFor;
  private final InstantSource clock;
  private final Executor executor;

  private final Map<String, Known> allowed = new ConcurrentHashMap<>();
  private final Map<String, Known> refused = new ConcurrentHashMap<>();
  private final Map<String, CompletableFuture<Answer>> asked = new ConcurrentHashMap<>();
  private final Semaphore places = new Semaphore(AT_A_TIME);
  private volatile Instant complained = Instant.EPOCH;

  /// @param reviews what the API server says of a token; may block, never throws for its sake
  /// @param executor where it is asked
  MetricsAccess(
      Function<String, Answer> reviews,
      Duration allowedFor,
      Duration refusedFor,
      InstantSource clock,
      Executor executor) {
    this.reviews = reviews;
    this.allowedFor = allowedFor;
    this.refusedFor = refusedFor;
    this.clock = clock;
    this.executor = executor;
  }

  /// Does not block. Several who ask about one token at a time wait for one answer.
  CompletableFuture<Answer> of(String token) {
    var key = hash(token);
    var answer = known(allowed, key);
    if (answer == null) {
      answer = known(refused, key);
    }
    if (answer != null) {
      return CompletableFuture.completedFuture(answer);
    }
    var review = new CompletableFuture<Answer>();
    var running = asked.putIfAbsent(key, review);
    if (running != null) {
      return running.copy();
    }
    if (places.tryAcquire()) {
      executor.execute(() -> review(token, key, review));
    } else {
      asked.remove(key);
      review.complete(Answer.BUSY);
    }
    return review.copy(); // whose deadline is the caller's own
  }

  private void review(String token, String key, CompletableFuture<Answer> review) {
    var answer = new Answer(500, "the review failed");
    try {
      answer = reviews.apply(token);
      keep(key, answer);
    } catch (RuntimeException e) {
      LOG.error("reviewing a request for metrics", e);
    } finally {
      asked.remove(key);
      places.release();
      review.complete(answer);
    }
  }

  private void keep(String key, Answer answer) {
    var now = clock.instant();
    switch (answer.code()) {
      case 200 -> keep(allowed, key, new Known(answer, now.plus(allowedFor)));
      case 401, 403 -> keep(refused, key, new Known(answer, now.plus(refusedFor)));
      default -> {
        if (complained.isBefore(now.minus(QUIET))) {
          complained = now;
          LOG.errorf("metrics are kept back: %s", answer.message());
        }
      }
    }
  }

  private static void keep(Map<String, Known> answers, String key, Known known) {
    if (answers.size() >= MOST) {
      answers.clear(); // costs a review each, and nobody access
    }
    answers.put(key, known);
  }

  private Answer known(Map<String, Known> answers, String key) {
    var known = answers.get(key);
    if (known == null) {
      return null;
    }
    if (clock.instant().isBefore(known.until())) {
      return known.answer();
    }
    answers.remove(key, known);
    return null;
  }

  private static String hash(String token) {
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(token.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("each JDK has SHA-256", e);
    }
  }
}
