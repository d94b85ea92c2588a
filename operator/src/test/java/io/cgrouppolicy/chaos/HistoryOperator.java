package io.cgrouppolicy.chaos;

import io.cgrouppolicy.testing.LocalCluster;
import io.cgrouppolicy.testing.OperatorProcess;
import java.util.List;

/// The operator that histories share, and which their steps stop and start.
final class HistoryOperator implements AutoCloseable {
  private OperatorProcess process;
  private int restarts;

  void start() {
    if (process == null) {
      process = OperatorProcess.start();
      restarts++;
    }
  }

  void stop(boolean kill) {
    if (process == null) {
      return;
    }
    assertHealthy();
    if (kill) {
      process.kill();
      // Its lease would delay the next one by a minute.
      LocalCluster.get()
          .admin()
          .leases()
          .inNamespace("cgroup-policy-system")
          .withName("cgroup-policy-operator")
          .delete();
    } else {
      process.close();
    }
    process = null;
  }

  /// Fails if the operator ended, or logged what it logs only for a bug.
  void assertHealthy() {
    if (process == null) {
      return;
    }
    if (!process.alive()) {
      var log = process.log();
      process = null;
      throw new AssertionError("the operator has ended:\n" + log);
    }
    var errors = errors();
    if (!errors.isEmpty()) {
      throw new AssertionError("the operator logged errors:\n" + String.join("\n", errors));
    }
  }

  private List<String> errors() {
    return process
        .log()
        .lines()
        .filter(line -> line.contains("\"level\":\"ERROR\"") || line.contains("InternalError"))
        .toList();
  }

  int restarts() {
    return restarts;
  }

  @Override
  public void close() {
    if (process != null) {
      process.close();
      process = null;
    }
  }
}
