package io.cgrouppolicy.shell.pods;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.MicroTime;
import java.time.Instant;
import java.util.Objects;
import java.util.stream.Stream;

/// The time of an event's last occurrence. The old recorder, which the workload controllers use,
/// sets `lastTimestamp`; the new recorder sets `series`.
final class EventTime {
  private EventTime() {}

  static Instant of(Event event) {
    return Stream.of(
            event.getSeries() == null ? null : event.getSeries().getLastObservedTime(),
            event.getEventTime())
        .filter(Objects::nonNull)
        .map(MicroTime::getTime)
        .findFirst()
        .or(
            () ->
                Stream.of(event.getLastTimestamp(), event.getMetadata().getCreationTimestamp())
                    .filter(Objects::nonNull)
                    .findFirst())
        .map(Instant::parse)
        .orElse(Instant.EPOCH);
  }
}
