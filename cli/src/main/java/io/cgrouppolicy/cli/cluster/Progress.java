package io.cgrouppolicy.cli.cluster;

/// Shows what a command is doing.
@FunctionalInterface
public interface Progress {
  void show(String what);
}
