package io.cgrouppolicy.delivery.monitoring;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// Finds in expressions of PromQL which series they ask for. It knows tokens, not the grammar,
/// which is enough: whatever is a name and is neither called, nor a keyword, nor in a list of
/// labels, is that of a metric.
final class PromQl {
  private static final Pattern TOKEN =
      Pattern.compile(
          "\"(?:[^\"\\\\]|\\\\.)*\"|'(?:[^'\\\\]|\\\\.)*'|\\[[^\\]]*\\]|[a-zA-Z_:][a-zA-Z0-9_:]*"
              + "|[0-9][0-9a-zA-Z_.]*|=~|!~|!=|==|[^\\s]");

  private static final Set<String> LABELS =
      Set.of("by", "without", "on", "ignoring", "group_left", "group_right");

  private static final Set<String> OPERATORS = Set.of("and", "or", "unless", "bool", "offset");

  private final List<String> tokens;
  private final List<Selector> found = new ArrayList<>();
  private int at;

  /// A selector of series.
  ///
  /// @param labels the values that they must have, as written, by label
  record Selector(String metric, TreeMap<String, String> labels) {}

  private PromQl(String expression) {
    tokens = TOKEN.matcher(expression).results().map(match -> match.group()).toList();
  }

  static List<Selector> selectors(String expression) {
    var parser = new PromQl(expression);
    parser.read();
    return parser.found;
  }

  private String peek() {
    return at < tokens.size() ? tokens.get(at) : "";
  }

  private void read() {
    while (at < tokens.size()) {
      var token = tokens.get(at++);
      if (!token.matches("[a-zA-Z_:].*")) {
        continue;
      }
      if (LABELS.contains(token)) {
        if (peek().equals("(")) {
          while (!tokens.get(at++).equals(")")) {}
        }
      } else if (!OPERATORS.contains(token) && !peek().equals("(") && !LABELS.contains(peek())) {
        found.add(new Selector(token, matchers()));
      }
    }
  }

  private TreeMap<String, String> matchers() {
    var labels = new TreeMap<String, String>();
    if (peek().equals("{")) {
      at++;
      while (!peek().equals("}")) {
        if (peek().equals(",")) {
          at++;
          continue;
        }
        var label = tokens.get(at);
        var value = tokens.get(at + 2);
        labels.put(label, value.substring(1, value.length() - 1));
        at += 3;
      }
      at++;
    }
    return labels;
  }
}
