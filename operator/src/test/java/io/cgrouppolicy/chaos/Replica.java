package io.cgrouppolicy.chaos;

import io.cgrouppolicy.testing.OperatorModule;
import io.cgrouppolicy.testing.OperatorProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A replica of the operator: a Pod's place, with a name and a token, in which one process runs
/// after another.
final class Replica {
  private final String name;
  private final Token token;
  private final Map<String, String> settings;
  private final List<OperatorProcess> processes = new ArrayList<>();
  private List<String> flags = List.of();

  /// @param settings environment variables
  Replica(String name, Token token, Path kubeconfig, Map<String, String> settings) {
    this.name = name;
    this.token = token;
    this.settings = new HashMap<>(settings);
    this.settings.put("HOSTNAME", name);
    this.settings.put("KUBECONFIG", kubeconfig.toString());
  }

  /// The identity in the lease starts with it.
  String name() {
    return name;
  }

  Token token() {
    return token;
  }

  /// Changes a setting for the processes that start from now on; null removes it.
  synchronized Replica with(String setting, String value) {
    settings.compute(setting, (key, before) -> value);
    return this;
  }

  /// Changes the JVM flags, in addition to those of config/jvm.options, in the same way.
  synchronized Replica flags(List<String> jvmFlags) {
    flags = List.copyOf(jvmFlags);
    return this;
  }

  /// The current process, which may have ended.
  synchronized OperatorProcess process() {
    return processes.getLast();
  }

  /// All processes so far, for their logs.
  synchronized List<OperatorProcess> processes() {
    return List.copyOf(processes);
  }

  synchronized void startIfEnded() {
    if (processes.isEmpty() || !process().alive()) {
      processes.add(
          new OperatorProcess(OperatorProcess.command(OperatorModule.PACKAGED, flags), settings));
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
