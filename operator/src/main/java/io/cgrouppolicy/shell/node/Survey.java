package io.cgrouppolicy.shell.node;

import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.kubelet.Answer;
import io.cgrouppolicy.core.kubelet.Answer.Unusable;
import io.cgrouppolicy.core.kubelet.Answer.Usable;
import io.cgrouppolicy.core.kubelet.MalformedAnswerException;
import io.cgrouppolicy.core.kubelet.Reading;
import io.cgrouppolicy.shell.kubelet.KubeletResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;

/// Asks one kubelet the same question again and again, one request at a time.
///
/// From [#ask] to [#stop] there is always a request in flight, a timer for the next one, or an
/// obstacle on the node.
///
/// @param <T> the parsed answer
final class Survey<T> {
  private final Question<T> question;
  private final Object lock;
  private final Runnable answered;
  private NodeState state;
  private Instant since;
  private volatile Reading<T> reading;

  /// How many usable answers must follow before one counts.
  private int toConfirm;

  private CompletableFuture<KubeletResponse> inFlight;
  private Runnable cancelTimer = () -> {};

  /// @param path such as `/configz`
  record Question<T>(
      String path,
      Parser<T> parser,
      Reader reader,
      Schedule schedule,
      Timer timer,
      InstantSource clock) {}

  @FunctionalInterface
  interface Parser<T> {
    T parse(byte[] body) throws MalformedAnswerException;
  }

  @FunctionalInterface
  interface Reader {
    /// Does not block; see [io.cgrouppolicy.shell.kubelet.KubeletReader#read].
    CompletableFuture<KubeletResponse> read(String node, String path);
  }

  @FunctionalInterface
  interface Timer {
    /// @return cancels the task
    Runnable schedule(Duration delay, Runnable task);
  }

  /// When to ask again; jittered by a tenth.
  ///
  /// @param interval after a usable answer
  /// @param retry after an unusable answer
  /// @param spread whether to ask again sooner after the first answer, so that nodes that came
  ///     together are not always asked together
  /// @param overdue how long a request may take before the last usable answer no longer counts
  /// @param confirmations how many further usable answers a kubelet must give that was unreachable
  record Schedule(
      Duration interval,
      Duration retry,
      boolean spread,
      Optional<Duration> overdue,
      int confirmations) {
    /// Longer than a kubelet lives that fails at its start.
    private static final Duration LIFE = Duration.ofSeconds(10);

    /// Retries after a fifth of the interval, as the cause may soon be fixed.
    ///
    /// Confirms answers, because a kubelet that enforces limits on a missing cgroup fails at its
    /// start over and over, and answers for a second each time with limits that it never enforces.
    /// Its node stays Ready, because each start renews the node's lease.
    static Schedule ofConfiguration(Duration interval) {
      return new Schedule(interval, interval.dividedBy(5), false, Optional.empty(), 2);
    }

    /// Never retries sooner: a fleet whose kubelets all refuse must not be asked more often than
    /// one whose kubelets answer. Figures go out of date while a request waits behind thousands
    /// that time out.
    static Schedule ofPressure(Duration interval, Duration timeout) {
      return new Schedule(interval, interval, true, Optional.of(interval.plus(timeout)), 0);
    }

    private Duration untilNext(boolean usable, boolean first) {
      return jittered(usable ? interval : retry, first && spread ? 100 : 900);
    }

    private Duration untilConfirmation() {
      return jittered(retry.compareTo(LIFE) < 0 ? retry : LIFE, 900);
    }

    private static Duration jittered(Duration delay, int leastPermille) {
      int permille = ThreadLocalRandom.current().nextInt(leastPermille, 1101);
      return delay.multipliedBy(permille).dividedBy(1000);
    }
  }

  /// @param lock guards this survey
  /// @param answered called under the lock when an answer arrives, or is out of date
  Survey(Question<T> question, Object lock, Runnable answered) {
    this.question = question;
    this.lock = lock;
    this.answered = answered;
  }

  /// What the kubelet answered since [#ask], or null before the first answer.
  Reading<T> reading() {
    return reading;
  }

  /// Asks from now on: at once the first time, and when the kubelet may give another answer than
  /// before. While the node has an obstacle, that is the answer of a kubelet that was asked before.
  void ask(NodeState now) {
    synchronized (lock) {
      boolean asked = isAskable() && state.sameKubelet(now);
      this.state = now;
      if (!isAskable()) {
        cancel();
        toConfirm = 0; // a kubelet that reports its node as Ready again has started
        if (reading != null) {
          remember(now.facts().<T>obstacle().orElseThrow());
        }
      } else if (!asked) {
        cancel();
        send();
      }
    }
  }

  /// Forgets the kubelet.
  void stop() {
    synchronized (lock) {
      cancel();
      state = null;
      since = null;
      reading = null;
      toConfirm = 0;
    }
  }

  private boolean isAskable() {
    return state != null && state.facts().obstacle().isEmpty();
  }

  private void cancel() {
    cancelTimer.run();
    var request = inFlight;
    inFlight = null;
    if (request != null) {
      request.cancel(false);
    }
  }

  private void send() {
    if (since == null) {
      since = question.clock().instant();
    }
    var request = read();
    inFlight = request;
    question
        .schedule()
        .overdue()
        .ifPresent(after -> cancelTimer = schedule(after, () -> overdue(request)));
    request
        .thenApply(this::parse)
        .exceptionally(
            failure ->
                new Unusable<>(Check.KubeletConfigUnavailable, "InternalError", failure.toString()))
        .thenAccept(answer -> receive(request, answer));
  }

  private CompletableFuture<KubeletResponse> read() {
    try {
      return question.reader().read(state.facts().name(), question.path());
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e); // to be asked again later
    }
  }

  private Runnable schedule(Duration delay, Runnable task) {
    return question.timer().schedule(delay, task);
  }

  private void receive(CompletableFuture<KubeletResponse> request, Answer<T> answer) {
    synchronized (lock) {
      if (inFlight != request) {
        return; // cancelled
      }
      inFlight = null;
      cancelTimer.run();
      boolean usable = answer instanceof Usable;
      if (usable && toConfirm > 0) {
        toConfirm--;
        cancelTimer = schedule(question.schedule().untilConfirmation(), this::askAgain);
        return;
      }
      if (answer instanceof Unusable<T> none && none.check() == Check.KubeletUnreachable) {
        toConfirm = question.schedule().confirmations();
      }
      var delay = question.schedule().untilNext(usable, reading == null);
      cancelTimer = schedule(delay, this::askAgain);
      remember(answer);
      answered.run();
    }
  }

  /// Asks now instead of when the timer runs out, unless a request is in flight.
  void askAgain() {
    synchronized (lock) {
      if (isAskable() && inFlight == null) {
        cancelTimer.run();
        send();
      }
    }
  }

  private void overdue(CompletableFuture<KubeletResponse> request) {
    synchronized (lock) {
      if (inFlight == request && reading != null && reading.answer() instanceof Usable) {
        remember(
            new Unusable<>(
                Check.KubeletUnreachable,
                Unusable.OVERDUE,
                "the request is still waiting, because other kubelets are slow to answer"));
        answered.run();
      }
    }
  }

  private void remember(Answer<T> answer) {
    var before = reading == null ? null : reading.lastUsable();
    var lastUsable = answer instanceof Usable ? question.clock().instant() : before;
    reading = new Reading<>(answer, lastUsable, since);
  }

  private Answer<T> parse(KubeletResponse response) {
    return switch (response) {
      case KubeletResponse.Failure failure ->
          new Unusable<>(failure.reason().check(), failure.reason().name(), failure.message());
      case KubeletResponse.Body body -> {
        try {
          yield new Usable<>(question.parser().parse(body.bytes()));
        } catch (MalformedAnswerException e) {
          yield new Unusable<>(Check.KubeletConfigUnavailable, "Garbage", e.getMessage());
        }
      }
    };
  }
}
