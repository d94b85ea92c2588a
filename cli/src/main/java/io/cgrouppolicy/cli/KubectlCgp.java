package io.cgrouppolicy.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `kubectl cgp`.
@Command(
    name = "kubectl cgp",
    description = {
      "Shows what CgroupPolicy would say of a cluster, without installing anything. It only reads.",
      "",
      "Start with: kubectl cgp audit"
    },
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      AuditCommand.class,
      LintCommand.class,
      RecommendCommand.class,
      ExplainCommand.class,
      StatusCommand.class,
      GenerateCompletionCommand.class,
      CompleteCommand.class
    })
public final class KubectlCgp implements Runnable {
  /// Nothing found.
  static final int OK = 0;

  /// Findings of the severity of `--fail-on`, or a higher one.
  static final int FOUND = 1;

  /// The command could not do its work, or only a part of it.
  static final int FAILED = 2;

  @Spec private CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this help.")
  private boolean help;

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Prints the version.")
  private boolean version;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a command is missing");
  }

  static CommandLine commandLine() {
    var line = new CommandLine(new KubectlCgp());
    var version = KubectlCgp.class.getPackage().getImplementationVersion();
    line.getCommandSpec().version("kubectl-cgp " + (version == null ? "(not packaged)" : version));
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setUsageHelpAutoWidth(true);
    line.setExecutionExceptionHandler(
        (failure, command, parsed) -> {
          command.getErr().println("error: " + Failures.message(failure));
          return FAILED;
        });
    return line;
  }

  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }
}
