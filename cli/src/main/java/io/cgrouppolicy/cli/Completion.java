package io.cgrouppolicy.cli;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// How a command line may go on, from the declarations by which it is parsed.
///
/// @param candidates for the last word, each with a description or ""
/// @param files whether the last word may be the name of a file
record Completion(SortedMap<String, String> candidates, boolean files) {
  private static final String FILE = "FILE";

  /// @param words the command line without the name of the program; the last word is incomplete,
  ///     or empty
  static Completion of(CommandSpec root, List<String> words) {
    var last = words.isEmpty() ? "" : words.getLast();
    var command = root;
    OptionSpec option = null; // whose value is next
    boolean options = true; // false after --
    for (var word : words.subList(0, Math.max(0, words.size() - 1))) {
      if (option != null) {
        option = null;
      } else if (options && word.equals("--")) {
        options = false;
      } else if (options && word.startsWith("-")) {
        option = withValue(command, word);
      } else if (options && command.subcommands().containsKey(word)) {
        command = command.subcommands().get(word).getCommandSpec();
      }
    }
    if (option != null) {
      return ofValue(option, last);
    }
    if (!options || !last.startsWith("-")) {
      return ofWord(command, last, options);
    }
    int equals = last.indexOf('=');
    if (equals < 0) {
      return ofOption(command, last);
    }
    // The shell keeps what is before the equals sign.
    var assigned = withValue(command, last.substring(0, equals));
    return assigned == null
        ? new Completion(new TreeMap<>(), false)
        : ofValue(assigned, last.substring(equals + 1));
  }

  /// The option of that name, or null if there is none or it is a flag.
  private static OptionSpec withValue(CommandSpec command, String name) {
    var option = command.optionsMap().get(name);
    return option == null || option.arity().max() == 0 ? null : option;
  }

  private static Completion ofOption(CommandSpec command, String begin) {
    var candidates = new TreeMap<String, String>();
    for (var option : command.options()) {
      if (!option.hidden() && option.longestName().startsWith(begin)) {
        candidates.put(option.longestName(), summary(option.description()));
      }
    }
    return new Completion(candidates, false);
  }

  private static Completion ofValue(ArgSpec argument, String begin) {
    var candidates = new TreeMap<String, String>();
    addValues(argument, begin, candidates);
    return new Completion(candidates, argument.paramLabel().equals(FILE));
  }

  /// A command below this one, or a positional parameter.
  private static Completion ofWord(CommandSpec command, String begin, boolean commands) {
    var candidates = new TreeMap<String, String>();
    if (commands) {
      command
          .subcommands()
          .forEach(
              (name, line) -> {
                var usage = line.getCommandSpec().usageMessage();
                if (!usage.hidden() && name.startsWith(begin)) {
                  candidates.put(name, summary(usage.description()));
                }
              });
    }
    boolean files = false;
    for (var parameter : command.positionalParameters()) {
      addValues(parameter, begin, candidates);
      files |= parameter.paramLabel().equals(FILE);
    }
    return new Completion(candidates, files);
  }

  private static void addValues(
      ArgSpec argument, String begin, SortedMap<String, String> candidates) {
    if (argument.completionCandidates() != null) {
      for (var value : argument.completionCandidates()) {
        if (value.startsWith(begin)) {
          candidates.put(value, "");
        }
      }
    }
  }

  /// The first sentence, without what it lists after a colon.
  private static String summary(String[] description) {
    return description.length == 0 ? "" : description[0].split("(?<=\\.)\\s|:\\s", 2)[0].strip();
  }
}
