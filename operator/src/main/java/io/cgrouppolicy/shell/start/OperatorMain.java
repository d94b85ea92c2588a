package io.cgrouppolicy.shell.start;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;

/// Starts Quarkus and, on a second thread, the warm-up of the Kubernetes client.
@QuarkusMain
public final class OperatorMain {
  private OperatorMain() {}

  /// @param arguments none
  public static void main(String... arguments) {
    Thread.ofPlatform()
        .name("warm-up")
        .daemon()
        .start(
            () -> {
              WarmUp.run();
              OldGeneration.watch();
            });
    Quarkus.run(arguments);
  }
}
