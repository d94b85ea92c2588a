package io.cgrouppolicy.chaos;

import java.time.Duration;
import java.util.List;

/// What one injection of a fault cost.
///
/// @param recovery from the moment when the fault was lifted and the load paused, until the cluster
///     was what the policies say
/// @param judged the same, until no verdict was Observing
/// @param gap the longest time that a namespace was without its LimitRange
/// @param excess the longest part of such a time that was not an outage
/// @param problems what must not be, in words
record Trial(
    Duration recovery, Duration judged, Duration gap, Duration excess, List<String> problems) {}
