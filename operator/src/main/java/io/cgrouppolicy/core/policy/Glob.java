package io.cgrouppolicy.core.policy;

import java.util.List;

/// A name pattern with `*` (any characters, or none) and `?` (one character).
public record Glob(String pattern) {

  /// The syntax of a glob: a DNS name with wildcards; a regular expression for the whole string.
  public static final String SYNTAX = "[a-z0-9*?]([-a-z0-9.*?]*[a-z0-9*?])?";

  /// Whether any of the globs matches the name.
  public static boolean anyMatches(List<Glob> globs, String name) {
    for (var glob : globs) {
      if (glob.matches(name)) {
        return true;
      }
    }
    return false;
  }

  /// Parses a list that may be null.
  public static List<Glob> of(List<String> patterns) {
    return patterns == null ? List.of() : patterns.stream().map(Glob::new).toList();
  }

  /// Whether the whole name matches. On a mismatch, it backtracks only to the last star, so that no
  /// pattern takes exponential time.
  public boolean matches(String name) {
    int p = 0;
    int n = 0;
    int star = -1;
    int retry = 0;
    while (n < name.length()) {
      if (p < pattern.length() && pattern.charAt(p) == '*') {
        star = p++;
        retry = n;
      } else if (p < pattern.length()
          && (pattern.charAt(p) == '?' || pattern.charAt(p) == name.charAt(n))) {
        p++;
        n++;
      } else if (star >= 0) {
        p = star + 1;
        n = ++retry;
      } else {
        return false;
      }
    }
    while (p < pattern.length() && pattern.charAt(p) == '*') {
      p++;
    }
    return p == pattern.length();
  }
}
