package io.cgrouppolicy.cli;

import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `kubectl-cgp __complete -- WORD...`: how kubectl completes `kubectl cgp WORD...`. The program
/// `kubectl_complete-cgp` runs it.
@Command(
    name = "__complete",
    hidden = true,
    description = "Prints how a command line may go on, for the shell completion of kubectl.")
final class CompleteCommand implements Runnable {
  /// Directives of cobra's completion protocol, in the last line of the output.
  private static final int FILES = 0;

  private static final int NO_FILES = 4;

  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..*",
      paramLabel = "WORD",
      description = "The words after cgp. The last one is incomplete, or empty.")
  private List<String> words = List.of();

  @Override
  public void run() {
    var out = spec.commandLine().getOut();
    var completion = Completion.of(spec.root(), words);
    completion
        .candidates()
        .forEach((word, what) -> out.println(what.isEmpty() ? word : word + "\t" + what));
    out.println(":" + (completion.files() ? FILES : NO_FILES));
    out.flush();
  }
}
