package io.cgrouppolicy.fuzz;

import java.util.List;

/// Texts that break what handles them carelessly.
public final class HostileTexts {
  private HostileTexts() {}

  public static final List<String> ALL =
      List.of(
          "",
          " ",
          "a",
          "null",
          "true",
          "0",
          "-1",
          "1e999999999",
          "NaN",
          "9223372036854775808",
          "\0",
          "a\nb",
          "a\r\n{\"level\":\"ERROR\",\"message\":\"forged\"}",
          "\u001b[2J\u001b]0;owned\u0007",
          "\u009b31m",
          "\u2028\u2029\u0085",
          "\u202e\u2066txt.exe\u2069",
          "\ufeff\u200b",
          "😀".repeat(60),
          "a" + "😀".repeat(60),
          "\ud800",
          "é".repeat(700),
          "a".repeat(253),
          "a".repeat(5000),
          "%s%n%x{message}${jndi:ldap://127.0.0.1/a}${env:HOME}#{1+1}{{.}}",
          "'; DROP TABLE a; --",
          "$(pwned)",
          "`pwned`",
          "/a;pwned;.slice",
          "/$(pwned).slice",
          "/a'b\".slice",
          "/../../etc/passwd",
          "<script>alert(1)</script>",
          "[a](javascript:alert(1))",
          "x: y",
          "- x",
          "# x",
          "&a [*a, *a]",
          "!!javax.script.ScriptEngineManager []",
          "--- x",
          "...",
          "a: |\n  b\npodPidsLimit: -1",
          "\\u0000",
          "\"}],\"x\":[{\"",
          "(a+)+$",
          "*".repeat(253),
          "*a".repeat(126),
          "?");
}
