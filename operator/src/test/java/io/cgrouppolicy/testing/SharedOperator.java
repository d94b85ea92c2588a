package io.cgrouppolicy.testing;

/// The operator that the test classes of this JVM share, because starting one takes seconds. It
/// starts at the first use and ends with the JVM.
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

  /// Stops the operator, for tests without one; [OperatorProcess] calls it before it starts its
  /// own. The next [#get()] starts another one.
  public static synchronized void stop() {
    if (running != null) {
      running.close();
      running = null;
    }
  }
}
