package io.cgrouppolicy.delivery.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// The names in this repository that programs use, but not the words of comments and descriptions.
final class Identifiers {
  /// A literal or a comment in Java. One pattern for both, because each may look like it contains
  /// the other.
  private static final Pattern JAVA =
      Pattern.compile(
          "\"\"\".*?\"\"\"|\"(?:\\\\.|[^\"\\\\\\n])*+\"|'(?:\\\\.|[^'\\\\\\n])+'|//[^\\n]*|/\\*.*?\\*/",
          Pattern.DOTALL);

  private static final Pattern WORD = Pattern.compile("[A-Za-z_]\\w*");

  /// A key in YAML or JSON, and a value that is one word or a list of words.
  private static final Pattern ENTRY =
      Pattern.compile(
          "(?m)^\\s*(?:- )*(?:\"?[\\w./-]+\"?:)?\\s*"
              + "(?:\"?[\\w./-]+\"?,?|\\[(?:\"?[\\w./-]+\"?,? ?)*\\],?)?$"
              + "|^\\s*(?:- )*\"?[\\w./-]+\"?:");

  private static final Pattern VARIABLE = Pattern.compile("\\$\\{?(\\w+)|\\b(\\w+)=");

  private Identifiers() {}

  /// Names and string literals in Java code; names of files; keys and one-word values in YAML and
  /// JSON.
  static Set<String> of(String... directories) throws IOException {
    var found = new TreeSet<String>();
    for (var directory : directories) {
      for (var file : files(Path.of(directory))) {
        var name = file.getFileName().toString();
        found.add(stem(file));
        if (name.endsWith(".java")) {
          words(found, WORD, code(file));
        } else {
          words(found, ENTRY, Files.readString(file).replaceAll("(?m)(^| )#.*$", ""));
        }
      }
    }
    return found;
  }

  /// The names of the files in a directory, without extensions.
  static Set<String> files(String directory) throws IOException {
    return files(Path.of(directory)).stream().map(Identifiers::stem).collect(Collectors.toSet());
  }

  /// The string literals of the Java code in a directory.
  static Set<String> literals(Path directory) throws IOException {
    var found = new TreeSet<String>();
    for (var file : files(directory)) {
      JAVA.matcher(Files.readString(file))
          .results()
          .map(match -> match.group())
          .filter(literal -> literal.startsWith("\""))
          .forEach(literal -> found.add(literal.replace("\"", "")));
    }
    return found;
  }

  /// The variables that shell scripts in a directory read or set.
  static Set<String> variables(Path directory) throws IOException {
    var found = new TreeSet<String>();
    for (var file : files(directory)) {
      words(found, VARIABLE, Files.readString(file).replaceAll("(?m)^\\s*#.*$", ""));
    }
    return found;
  }

  private static String stem(Path file) {
    return file.getFileName().toString().replaceFirst("\\.[^.]*$", "");
  }

  private static String code(Path file) throws IOException {
    return JAVA.matcher(Files.readString(file))
        .replaceAll(
            match -> match.group().startsWith("/") ? "" : Matcher.quoteReplacement(match.group()));
  }

  private static void words(Set<String> found, Pattern pattern, String text) {
    for (var match : pattern.matcher(text).results().toList()) {
      for (int group = 0; group <= match.groupCount(); group++) {
        if (match.group(group) != null) {
          WORD.matcher(match.group(group)).results().forEach(word -> found.add(word.group()));
        }
      }
    }
  }

  private static List<Path> files(Path directory) throws IOException {
    try (var files = Files.walk(directory)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> file.toString().matches(".*\\.(java|yaml|yml|sh|json|properties)"))
          .filter(file -> !file.toString().contains(".state"))
          .collect(Collectors.toList());
    }
  }
}
