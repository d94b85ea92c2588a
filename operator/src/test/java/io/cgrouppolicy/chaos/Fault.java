package io.cgrouppolicy.chaos;

import java.time.Duration;

/// Something that breaks while the operator works.
///
/// @param name as it is named in `FAULTS=` and in the table
/// @param times how often the full run injects it; the short form injects it once
/// @param lost what cannot survive it, in a few words, for the table; or "nothing"
/// @param injection breaks it, and returns when it is whole again
/// @param lasting whether it leaves more objects behind, so that the heap may grow, and writes to
///     all of them take longer
/// @param gap how long a namespace may be without its LimitRange beyond an outage
record Fault(
    String name, int times, String lost, Injection injection, boolean lasting, Duration gap) {
  /// A new leader first looks at all namespaces, while the process that ended starts again on the
  /// same two cores.
  private static final Duration GAP = Duration.ofSeconds(5);

  Fault(String name, int times, String lost, Injection injection) {
    this(name, times, lost, injection, false, GAP);
  }

  Fault lasts() {
    return new Fault(name, times, lost, injection, true, gap);
  }

  Fault withGap(Duration longest) {
    return new Fault(name, times, lost, injection, lasting, longest);
  }

  @FunctionalInterface
  interface Injection {
    void inject(Scene scene) throws Exception;
  }
}
