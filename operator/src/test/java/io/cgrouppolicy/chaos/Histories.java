package io.cgrouppolicy.chaos;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Shrinkable;
import net.jqwik.api.sessions.JqwikSession;

/// Runs random histories: see `make histories`. Those that fail are shrunk, and printed as tests.
///
/// jqwik generates and shrinks. Its test engine is not used, because it takes a seed only from an
/// annotation, and because a history that depends on timing must fail more than once to count.
final class Histories implements AutoCloseable {
  /// How long a failing history is shrunk.
  private static final Duration SHRINKING = Duration.ofMinutes(10);

  /// How long the operator may take while a history is shrunk.
  private static final Duration IMPATIENCE = Duration.ofSeconds(15);

  /// How often a shorter history may succeed until it counts as correct.
  private static final int ATTEMPTS = 2;

  private final HistoryOperator operator = new HistoryOperator();
  private final int maxSteps;
  private int histories;
  private int steps;
  private Duration slowest = Duration.ZERO;

  /// @param maxSteps the most steps of a history
  Histories(int maxSteps) {
    this.maxSteps = maxSteps;
  }

  /// `N SEED [STEPS]`: history 0 has this seed, and each further one the next.
  public static void main(String[] args) {
    int n = Integer.parseInt(args[0]);
    long seed = args[1].isBlank() ? System.nanoTime() : Long.parseLong(args[1]);
    var failed = new ArrayList<Long>();
    try (var histories = new Histories(args.length > 2 ? Integer.parseInt(args[2]) : 200)) {
      for (long i = seed; i < seed + n; i++) {
        var failure = histories.run(i);
        failure.ifPresent(System.out::println);
        if (failure.isPresent()) {
          failed.add(i);
        }
        System.out.println("seed " + i + ": " + histories);
      }
    }
    System.out.println("failed: " + failed);
    System.exit(failed.isEmpty() ? 0 : 1);
  }

  /// Runs the history of a seed.
  ///
  /// @return what failed, with the shortest history found that fails
  Optional<String> run(long seed) {
    var result = new ArrayList<String>();
    JqwikSession.run(
        () -> {
          var history = HistoryGenerator.history(seed, maxSteps);
          var failure = failure(history, History.PATIENCE);
          if (failure != null) {
            result.add(report(seed, history, failure));
          }
        });
    return result.stream().findFirst();
  }

  private String report(long seed, Shrinkable<List<HistoryStep>> history, String failure) {
    System.out.println("seed " + seed + " fails; shrinking:\n" + failure);
    var deadline = Instant.now().plus(SHRINKING);
    var shrunk = history;
    for (var next = shorter(shrunk, deadline); next != null; next = shorter(shrunk, deadline)) {
      shrunk = next;
    }
    var last = failure(shrunk, History.PATIENCE);
    return "seed %d fails; shrunk from %d steps to %d:%n%s%n%s"
        .formatted(
            seed,
            history.value().size(),
            shrunk.value().size(),
            last == null ? failure + "\n(the last run succeeded)" : last,
            new History(shrunk.value()).asTest("history" + seed));
  }

  private Shrinkable<List<HistoryStep>> shorter(
      Shrinkable<List<HistoryStep>> history, Instant deadline) {
    return history
        .shrink()
        .takeWhile(candidate -> Instant.now().isBefore(deadline))
        .filter(
            candidate -> {
              for (int i = 0; i < ATTEMPTS; i++) {
                if (failure(candidate, IMPATIENCE) != null) {
                  return true;
                }
              }
              return false;
            })
        .findFirst()
        .orElse(null);
  }

  /// What is wrong after a history, or null.
  private String failure(Shrinkable<List<HistoryStep>> history, Duration patience) {
    try {
      var took = new History(history.value()).run(operator, patience);
      slowest = took.compareTo(slowest) > 0 ? took : slowest;
      return null;
    } catch (AssertionError | RuntimeException e) {
      operator.close();
      return describe(e);
    } finally {
      histories++;
      steps += history.value().size();
    }
  }

  private static String describe(Throwable e) {
    return e.getCause() == null ? e.toString() : e + "\ncaused by " + describe(e.getCause());
  }

  @Override
  public String toString() {
    return "%d histories, %d steps, %d starts of the operator; slowest calm %d ms"
        .formatted(histories, steps, operator.restarts(), slowest.toMillis());
  }

  @Override
  public void close() {
    operator.close();
  }
}
