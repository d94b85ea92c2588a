package io.cgrouppolicy.cli;

import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `kubectl-cgp generate-completion`. picocli's own command names functions after the root command:
/// with the space in `kubectl cgp`, its script is invalid.
@Command(
    name = "generate-completion",
    description = {
      "Prints a script for bash and zsh that completes the command kubectl-cgp.",
      "",
      "kubectl completes the command kubectl cgp by itself, if kubectl_complete-cgp is in the PATH."
    })
final class GenerateCompletionCommand implements Runnable {
  private static final String PROGRAM = "kubectl-cgp";

  @Spec private CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this help.")
  private boolean help;

  @Override
  public void run() {
    var out = spec.commandLine().getOut();
    out.print(AutoComplete.bash(PROGRAM, spec.root().commandLine()));
    out.flush();
  }
}
