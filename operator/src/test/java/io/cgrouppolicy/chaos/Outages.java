package io.cgrouppolicy.chaos;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// The periods in which no operator could write. A fault opens one, and closes it when an operator
/// can write again. Also those in which the clocks of replicas differ.
final class Outages {
  /// An open one has no end.
  record Outage(Instant from, Instant to) {}

  private final List<Outage> outages = new ArrayList<>();
  private final List<Outage> skews = new ArrayList<>();

  /// To be closed from the thread that opened it. Only one can be open at a time.
  interface Open extends AutoCloseable {
    @Override
    void close();
  }

  Open open() {
    return open(outages);
  }

  /// Declares that the clocks of replicas differ until the result is closed: a standby may take the
  /// lease of a leader that renews it.
  Open skew() {
    return open(skews);
  }

  private synchronized Open open(List<Outage> list) {
    list.add(new Outage(Instant.now(), null));
    return () -> end(list);
  }

  private synchronized void end(List<Outage> list) {
    list.add(new Outage(list.removeLast().from(), Instant.now()));
  }

  /// How much of this period was an outage.
  Duration within(Instant from, Instant to) {
    return within(outages, from, to);
  }

  boolean skewed(Instant from, Instant to) {
    return within(skews, from, to).isPositive();
  }

  private synchronized Duration within(List<Outage> list, Instant from, Instant to) {
    return list.stream()
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
