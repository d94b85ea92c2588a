package io.cgrouppolicy.cli;

import io.cgrouppolicy.cli.cluster.Progress;

/// A line on a terminal that says what is being read; nothing elsewhere.
final class TerminalProgress implements Progress, AutoCloseable {
  private static final String CLEAR = "\r\u001b[K";

  private final boolean terminal = System.console() != null && System.console().isTerminal();
  private boolean shown;

  @Override
  public synchronized void show(String what) {
    if (terminal) {
      System.err.print(CLEAR + what);
      System.err.flush();
      shown = true;
    }
  }

  @Override
  public synchronized void close() {
    if (shown) {
      System.err.print(CLEAR);
      System.err.flush();
      shown = false;
    }
  }
}
