package io.cgrouppolicy.cli.recommend;

import java.math.BigDecimal;

/// What a container used. Each is null if unknown.
///
/// @param memoryPeak the most bytes of its working set
/// @param memory the bytes of its working set that it rarely exceeded: a percentile
/// @param cpu the CPUs that it rarely exceeded: a percentile
public record ContainerUsage(BigDecimal memoryPeak, BigDecimal memory, BigDecimal cpu) {
  ContainerUsage max(ContainerUsage other) {
    return new ContainerUsage(
        max(memoryPeak, other.memoryPeak), max(memory, other.memory), max(cpu, other.cpu));
  }

  private static BigDecimal max(BigDecimal a, BigDecimal b) {
    return a == null ? b : b == null ? a : a.max(b);
  }
}
