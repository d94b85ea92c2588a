package io.cgrouppolicy.shell.start;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryNotificationInfo;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import javax.management.NotificationEmitter;

/// Collects the old generation when half of what it holds may be garbage. The serial collector
/// would let it grow to the maximum heap first, which then is what is resident. G1 does not, but
/// costs 40 % more CPU for each kubelet.
final class OldGeneration {
  /// Below this it is not collected: most operators never get there.
  private static final long FREE = 88L << 20;

  private OldGeneration() {}

  /// Starts to watch it, on the JVM's own thread for notifications.
  static void watch() {
    ManagementFactory.getMemoryPoolMXBeans().stream()
        .filter(pool -> pool.getType() == MemoryType.HEAP && pool.isUsageThresholdSupported())
        .findFirst()
        .ifPresent(OldGeneration::watch);
  }

  private static void watch(MemoryPoolMXBean pool) {
    pool.setUsageThreshold(FREE);
    ((NotificationEmitter) ManagementFactory.getMemoryMXBean())
        .addNotificationListener(
            (exceeded, none) -> {
              System.gc();
              pool.setUsageThreshold(threshold(pool.getUsage().getUsed()));
            },
            event -> event.getType().equals(MemoryNotificationInfo.MEMORY_THRESHOLD_EXCEEDED),
            null);
  }

  /// @param live bytes in use after a collection
  static long threshold(long live) {
    return Math.max(FREE, live + live / 2);
  }
}
