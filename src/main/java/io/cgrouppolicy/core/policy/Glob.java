package io.cgrouppolicy.core.policy;

import java.util.List;

/// A name with `*` (any run of characters, also none) and `?` (one character).
public record Glob(String pattern) {

  /// What a glob may look like: a DNS name with wildcards. A regular expression for the whole text.
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

  /// The globs of a list that may be absent.
  public static List<Glob> of(List<String> patterns) {
    return patterns == null ? List.of() : patterns.stream().map(Glob::new).toList();
  }

  /// Whether the whole name matches. Linear in practice: on a mismatch it goes back to the last
  /// star only, so no pattern makes it explode as a regular expression could.
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
