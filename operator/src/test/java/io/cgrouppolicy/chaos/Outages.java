package io.cgrouppolicy.chaos;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// The periods in which no operator could write. A fault opens one, and closes it when an operator
/// can write again.
final class Outages {
  /// An open one has no end.
  record Outage(Instant from, Instant to) {}

  private final List<Outage> outages = new ArrayList<>();

  /// To be closed from the thread that opened it. Only one can be open at a time.
  interface Open extends AutoCloseable {
    @Override
    void close();
  }

  synchronized Open open() {
    outages.add(new Outage(Instant.now(), null));
    return this::end;
  }

  private synchronized void end() {
    outages.add(new Outage(outages.removeLast().from(), Instant.now()));
  }

  /// How much of this period was an outage.
  synchronized Duration within(Instant from, Instant to) {
    return outages.stream()
        .map(outage -> overlap(outage, from, to))
        .filter(Duration::isPositive)
        .reduce(Duration.ZERO, Duration::plus);
  }

  private static Duration overlap(Outage outage, Instant from, Instant to) {
    var start = outage.from().isAfter(from) ? outage.from() : from;
    var end = outage.to() == null || outage.to().isAfter(to) ? to : outage.to();
    return Duration.between(start, end);
  }
}
