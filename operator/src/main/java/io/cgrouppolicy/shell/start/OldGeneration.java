package io.cgrouppolicy.shell.start;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryNotificationInfo;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import javax.management.NotificationEmitter;

/// Collects the old generation when it has grown by half since the last collection. Otherwise the
/// serial collector lets it grow to the maximum heap first, and all of that stays resident. G1 does
/// not, but costs 40% more CPU per kubelet.
final class OldGeneration {
  /// Not collected below this size, which most operators never reach.
  private static final long FREE = 76L << 20;

  private OldGeneration() {}

  /// Starts watching, on the JVM's own thread for notifications.
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
              var usage = pool.getUsage();
              pool.setUsageThreshold(threshold(usage.getUsed(), usage.getMax()));
            },
            event -> event.getType().equals(MemoryNotificationInfo.MEMORY_THRESHOLD_EXCEEDED),
            null);
  }

  /// @param live bytes in use after a collection
  /// @param max the largest threshold that the JVM accepts
  static long threshold(long live, long max) {
    return Math.min(Math.max(FREE, live + live / 2), max);
  }
}
