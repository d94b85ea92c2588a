package io.cgrouppolicy.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.TextNode;
import io.cgrouppolicy.testing.kubelet.Recordings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/// Changes recorded answers of kubelets. Texts are bytes in Latin-1, so that they need not be valid
/// in UTF-8.
final class KubeletMutator {
  private static final Pattern MEMBER =
      Pattern.compile(
          "\"[^\"]+\":(\"(?:[^\"\\\\]++|\\\\.)*+\"|-?[0-9.eE+-]+|true|false|null|\\{\\}|\\[\\])");

  private static final List<String> VALUES =
      Stream.concat(
              Stream.of(
                  "NaN",
                  "Infinity",
                  "-Infinity",
                  "1e400",
                  "-1e400",
                  "1e999999999",
                  "1e99999999999",
                  "1e-999999999",
                  "-0",
                  "0",
                  "-1",
                  "1",
                  "4097",
                  "0x10",
                  "01",
                  "9223372036854775807",
                  "9223372036854775808",
                  "-9223372036854775809",
                  "4294967297",
                  "9".repeat(64),
                  "9".repeat(65),
                  "9".repeat(100_000),
                  "4096.0",
                  "4096.5",
                  "null",
                  "true",
                  "[]",
                  "{}",
                  "[null]",
                  "[{}]",
                  "{\"a\":{}}",
                  "\"4096\"",
                  "\"0\"",
                  "\"1e99\"",
                  "\"-1\"",
                  "\"1Ei\"",
                  "\"99999999999999999999999999999Ei\"",
                  "\"100%\"",
                  "\"1e99%\"",
                  "\"systemd\"",
                  "\"\\ud800\"",
                  "\"\\u0000\\u001b[2J\\n\"",
                  "\"\u0000\"",
                  "\"\u001b[31m\"",
                  "\u001b\u001b",
                  "\"\u00ff\u00fe\"",
                  "\"\u00ed\u00a0\u0080\"",
                  "\"\u00c0\u0080\"",
                  "\"" + "a".repeat(70_000) + "\"",
                  "{\"" + "k".repeat(60_000) + "\":1}",
                  "[".repeat(33) + "]".repeat(33),
                  "[".repeat(100_000),
                  "{\"a\":".repeat(100_000),
                  "[" + "1,".repeat(5_000) + "1]"),
              HostileTexts.ALL.stream().map(KubeletMutator::quoted))
          .toList();

  private final Choices choices;
  private final String recording;

  KubeletMutator(Choices choices, List<String> recordings) {
    this.choices = choices;
    this.recording = choices.pick(recordings);
  }

  /// A recording without spaces between its tokens.
  static String compact(String recording) {
    return latin(Recordings.json(recording).toString().getBytes(UTF_8));
  }

  byte[] answer() {
    var answer = recording;
    for (int n = 1 + choices.below(3); n > 0; n--) {
      answer = mutate(answer);
    }
    return answer.getBytes(ISO_8859_1);
  }

  private String mutate(String answer) {
    if (answer.isEmpty()) {
      return answer;
    }
    int at = choices.below(answer.length());
    return switch (choices.below(20)) {
      case 0 -> answer.substring(0, at);
      case 1 -> answer.substring(0, at) + latin(choices.rest(4)) + answer.substring(at);
      case 2 -> answer.substring(0, at) + latin(choices.rest(1)) + answer.substring(at + 1);
      case 3 ->
          answer.substring(0, at) + answer.substring(at + choices.below(answer.length() - at));
      case 4 -> answer + choices.pick(List.of("{}", "]", "\n\n", "\0", "null", answer));
      case 5 ->
          switch (choices.below(8)) {
            case 0 -> "\u00ef\u00bb\u00bf" + answer;
            case 1 -> latin(gzip(answer.getBytes(ISO_8859_1)));
            case 2 -> latin(answer.getBytes(UTF_16LE));
            case 3 -> "[" + answer + "]";
            case 4 -> "<html>" + answer;
            case 5 -> latin(choices.rest(64));
            case 6 -> "";
            default -> choices.pick(VALUES);
          };
      default -> member(answer);
    };
  }

  /// Replaces the value of a member, or adds the member again with another value, or removes it.
  private String member(String answer) {
    var members = new ArrayList<MatchResult>();
    MEMBER.matcher(answer).results().forEach(members::add);
    if (members.isEmpty()) {
      return answer;
    }
    var member = choices.pick(members);
    var value = choices.pick(VALUES);
    var before = answer.substring(0, member.start(1));
    var after = answer.substring(member.end(1));
    var name = answer.substring(member.start(), member.start(1));
    return switch (choices.below(6)) {
      case 0 -> before + member.group(1) + "," + name + value + after;
      case 1 -> before + value + "," + name + member.group(1) + after;
      case 2 -> answer.substring(0, member.start()) + "\"unknown\":" + value + after;
      default -> before + value + after;
    };
  }

  private static String quoted(String text) {
    var json = TextNode.valueOf(text).toString();
    return latin(json.getBytes(UTF_8));
  }

  private static String latin(byte[] bytes) {
    return new String(bytes, ISO_8859_1);
  }

  static byte[] gzip(byte[] bytes) {
    var out = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }
}
