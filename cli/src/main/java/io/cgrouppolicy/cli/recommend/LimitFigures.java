package io.cgrouppolicy.cli.recommend;

import java.util.List;

/// The figures of the LimitRange.
///
/// @param maxMemory null if no container declares a limit
/// @param notes about all of them
record LimitFigures(
    Figure defaultMemory,
    Figure requestCpu,
    Figure requestMemory,
    Figure maxMemory,
    List<String> notes) {}
