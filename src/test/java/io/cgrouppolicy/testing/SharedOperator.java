package io.cgrouppolicy.testing;

/// The operator that the test classes of this JVM share, as starting one costs seconds. It is
/// started when first asked for, and ends with the JVM.
public final class SharedOperator {
  private static OperatorProcess running;

  private SharedOperator() {}

  public static synchronized OperatorProcess get() {
    if (running == null) {
      running = OperatorProcess.start();
    }
    if (!running.alive()) {
      throw new IllegalStateException("the shared operator has ended:\n" + running.log());
    }
    return running;
  }

  /// For tests of what happens without an operator; an [OperatorProcess] of a test's own calls it
  /// by itself. The next [#get()] starts another one.
  public static synchronized void stop() {
    if (running != null) {
      running.close();
      running = null;
    }
  }
}
