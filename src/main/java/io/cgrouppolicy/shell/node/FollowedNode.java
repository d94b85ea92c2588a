package io.cgrouppolicy.shell.node;

import io.cgrouppolicy.core.kubelet.pressure.NodeSummary;
import io.cgrouppolicy.core.kubelet.pressure.PressureAnswer;
import io.cgrouppolicy.core.kubelet.pressure.PressureAnswer.Answered;
import io.cgrouppolicy.core.kubelet.pressure.PressureAnswer.Unanswered;
import io.cgrouppolicy.core.kubelet.pressure.SummaryException;
import io.cgrouppolicy.shell.kubelet.KubeletResponse;
import io.cgrouppolicy.shell.node.PressureSurvey.Survey;
import io.fabric8.kubernetes.api.model.Node;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// One node that is asked for its summary again and again, one request at a time.
///
/// It is asked no sooner for having given no answer: half a minute is soon, and a fleet whose
/// kubelets all refuse must not be asked more often than one that answers.
final class FollowedNode {
  private final Means means;
  private final Runnable heard;
  private final Instant since;
  private Node node;
  private NodeState state;
  private Survey latest;
  private Request underWay;
  private Runnable cancelTimer = () -> {};
  private boolean ended;

  /// How nodes are asked.
  ///
  /// @param interval from one answer to the next request
  /// @param timeout for one answer
  record Means(
      KubeletSurvey.Reader reader,
      Duration interval,
      Duration timeout,
      Timer timer,
      InstantSource clock) {}

  /// Runs a task later.
  @FunctionalInterface
  interface Timer {
    /// @return what cancels it
    Runnable schedule(Duration delay, Runnable task);
  }

  /// One request; none is the same as another, so that the answer to one that was given up is not
  /// taken for that to the next.
  private static final class Request {
    private CompletableFuture<?> future;
  }

  /// @param heard called after another answer, from any thread, and never under this object's lock
  FollowedNode(Means means, Runnable heard) {
    this.means = means;
    this.heard = heard;
    this.since = means.clock().instant();
  }

  synchronized Optional<Survey> latest() {
    return Optional.ofNullable(latest);
  }

  /// @param now what the node is like
  void update(Node node, NodeState now) {
    boolean ask = false;
    synchronized (this) {
      boolean asBefore = isAsked() && state.sameKubelet(now);
      this.node = node;
      this.state = now;
      var obstacle = now.facts().obstacle();
      if (obstacle.isPresent()) {
        giveUp();
        note(new Unanswered(obstacle.get().reason(), obstacle.get().message()));
      } else if (!asBefore) {
        giveUp();
        ask = true;
      }
    }
    if (ask) {
      ask();
    }
  }

  private boolean isAsked() {
    return state != null && state.facts().obstacle().isEmpty();
  }

  synchronized void end() {
    ended = true;
    giveUp();
  }

  /// Takes back the request, or the appointment for the next.
  private void giveUp() {
    cancelTimer.run();
    var request = underWay;
    underWay = null;
    if (request != null && request.future != null) {
      request.future.cancel(false);
    }
  }

  private void ask() {
    var request = new Request();
    Node whom;
    synchronized (this) {
      if (ended || underWay != null || !isAsked()) {
        return;
      }
      whom = node;
      underWay = request;
      // Requests wait in line: while thousands of others time out, our last answer would grow old
      // and still be taken for the present.
      cancelTimer =
          means.timer().schedule(means.interval().plus(means.timeout()), () -> overdue(request));
    }
    var future = means.reader().read(whom, PressureSurvey.PATH);
    synchronized (this) {
      request.future = future;
      if (underWay != request) {
        future.cancel(false);
      }
    }
    future
        .thenApply(FollowedNode::answer)
        .exceptionally(failure -> new Unanswered("InternalError", failure.toString()))
        .thenAccept(answer -> answered(request, answer));
  }

  private void answered(Request request, PressureAnswer answer) {
    synchronized (this) {
      if (underWay != request) {
        return;
      }
      underWay = null;
      cancelTimer.run();
      cancelTimer = means.timer().schedule(untilNext(), this::ask);
      note(answer);
    }
    heard.run();
  }

  private void overdue(Request request) {
    synchronized (this) {
      if (underWay != request || !(latest != null && latest.answer() instanceof Answered)) {
        return;
      }
      note(
          new Unanswered(
              "Overdue", "its turn to be asked has not come, as other kubelets take their time"));
    }
    heard.run();
  }

  /// Nodes that were met together would be asked together for ever: after their first answer their
  /// turns are spread over the interval.
  private Duration untilNext() {
    return latest == null
        ? KubeletSurvey.jittered(means.interval(), 100)
        : KubeletSurvey.jittered(means.interval());
  }

  private void note(PressureAnswer answer) {
    var before = latest == null ? null : latest.lastAnswer();
    latest =
        new Survey(answer, answer instanceof Answered ? means.clock().instant() : before, since);
  }

  private static PressureAnswer answer(KubeletResponse response) {
    return switch (response) {
      case KubeletResponse.Failure failure ->
          new Unanswered(failure.reason().name(), failure.message());
      case KubeletResponse.Body body -> {
        try {
          yield new Answered(NodeSummary.parse(body.bytes()));
        } catch (SummaryException e) {
          yield new Unanswered("Garbage", e.getMessage());
        }
      }
    };
  }
}
