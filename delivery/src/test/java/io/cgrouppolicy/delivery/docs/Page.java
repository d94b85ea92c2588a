package io.cgrouppolicy.delivery.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// A parsed page of the documentation.
///
/// @param anchors of its headings
/// @param links the targets of all links, without titles
/// @param code the code spans in its text
/// @param blocks its fenced blocks
record Page(
    Path path,
    String text,
    Set<String> anchors,
    List<String> links,
    List<String> code,
    List<Block> blocks) {
  private static final Pattern LINK = Pattern.compile("]\\(([^()\\s]+)\\)");
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");

  /// @param language the info string of its fence, which may be empty
  record Block(String language, String text) {}

  /// Whether a file of the documentation is not a picture.
  static boolean isText(Path file) {
    return !file.toString().endsWith(".png");
  }

  /// The pages at the root and all in docs/.
  static List<Page> all() throws IOException {
    var pages = new ArrayList<Page>();
    try (var root = Files.list(Path.of(""));
        var docs = Files.walk(Path.of("docs"))) {
      for (var path :
          Stream.concat(root, docs).filter(p -> p.toString().endsWith(".md")).sorted().toList()) {
        pages.add(read(path, Files.readString(path)));
      }
    }
    return pages;
  }

  static Page read(Path path, String text) {
    var prose = new StringBuilder();
    var anchors = new LinkedHashSet<String>();
    var seen = new HashMap<String, Integer>();
    var blocks = new ArrayList<Block>();
    String language = null;
    var block = new StringBuilder();
    for (var line : text.lines().toList()) {
      var stripped = line.strip();
      if (stripped.startsWith("```")) {
        if (language == null) {
          language = stripped.substring(3);
        } else {
          blocks.add(new Block(language, block.toString()));
          block.setLength(0);
          language = null;
        }
      } else if (language != null) {
        block.append(line).append('\n');
      } else {
        prose.append(line).append('\n');
        if (line.matches("#{1,6} .*")) {
          var anchor = Anchors.of(line.replaceFirst("#+ ", ""));
          int before = seen.merge(anchor, 1, Integer::sum) - 1;
          anchors.add(before == 0 ? anchor : anchor + "-" + before);
        }
      }
    }
    return new Page(
        path,
        text,
        anchors,
        LINK.matcher(CODE.matcher(prose).replaceAll("code"))
            .results()
            .map(m -> m.group(1))
            .toList(),
        CODE.matcher(prose).results().map(m -> m.group(1)).toList(),
        blocks);
  }
}
