package io.cgrouppolicy.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;

/// Generates responses of a kubelet that are wrong in HTTP.
final class HttpMutator {
  private static final List<String> STATUS =
      List.of(
          "HTTP/1.1 200 OK",
          "HTTP/1.1 200 OK",
          "HTTP/1.1 200 OK",
          "HTTP/1.1 200 OK",
          "HTTP/1.0 200 OK",
          "HTTP/1.1 200",
          "HTTP/9.9 200 OK",
          "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK",
          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: pwned",
          "HTTP/1.1 204 No Content",
          "HTTP/1.1 206 Partial Content",
          "HTTP/1.1 304 Not Modified",
          "HTTP/1.1 401 pwned\u001b[31m",
          "HTTP/1.1 999 pwned",
          "HTTP/1.1 -200 pwned",
          "HTTP/1.1 99999999999999999999 pwned",
          "HTTP/1.1 200 " + "pwned".repeat(2000),
          "ICY 200 OK",
          "pwned",
          "\0");

  private static final List<String> HEADERS =
      List.of(
          "Content-Type: application/json",
          "Content-Encoding: gzip",
          "Content-Encoding: br",
          "Transfer-Encoding: chunked",
          "Transfer-Encoding: gzip, chunked",
          "Transfer-Encoding: pwned",
          "Transfer-Encoding: identity",
          "Content-Length: 0",
          "Content-Length: 5",
          "Content-Length: -1",
          "Content-Length: 99999999",
          "Content-Length: 9223372036854775808",
          "Content-Length: pwned",
          "Content-Length: 1\r\nContent-Length: 2",
          "Content-Length: 2\r\nTransfer-Encoding: chunked",
          "Location: https://127.0.0.1:1/pwned",
          "Connection: keep-alive",
          "Connection: upgrade",
          "Set-Cookie: pwned=\u001b",
          "no colon pwned",
          ": pwned",
          " folded: pwned",
          "X: " + "p".repeat(5000),
          "X: y\r\n".repeat(70) + "X: z",
          "X: a\n\n\nY: b",
          "X: \0");

  private static final byte[] BOMB = KubeletMutator.gzip(new byte[8 << 20]);

  private final Choices choices;

  HttpMutator(Choices choices) {
    this.choices = choices;
  }

  /// @param body of an answer that is right
  byte[] response(byte[] body) {
    var out = new ByteArrayOutputStream();
    write(out, choices.pick(STATUS) + "\r\n");
    for (int n = choices.below(4); n > 0; n--) {
      write(out, choices.pick(HEADERS) + "\r\n");
    }
    switch (choices.below(10)) {
      case 0 -> write(out, "\r\n" + choices.pick(List.of("", "5", "pwned", "{}")));
      case 1 -> {
        write(out, "Content-Encoding: gzip\r\n\r\n");
        out.writeBytes(choices.oneIn(2) ? BOMB : KubeletMutator.gzip(body));
      }
      case 2, 3, 4 -> chunked(out, body);
      case 5 -> {} // no end of the headers
      default -> {
        write(out, "\r\n");
        out.writeBytes(body);
      }
    }
    var bytes = out.toByteArray();
    return choices.oneIn(6)
        ? Arrays.copyOf(bytes, choices.below(Math.min(bytes.length, 60_000)))
        : bytes;
  }

  private void chunked(ByteArrayOutputStream out, byte[] body) {
    write(out, "Transfer-Encoding: chunked\r\n\r\n");
    var size = Integer.toHexString(body.length);
    var wrong =
        List.of(
            size,
            size,
            size + ";" + "x".repeat(5000),
            size + ";pwned=\"\u001b\"",
            "FFFFFFFFFFFFFFFF",
            "7FFFFFFF",
            "-1",
            "zz",
            "",
            "0" + size);
    write(out, choices.pick(wrong) + "\r\n");
    out.writeBytes(body);
    write(
        out,
        choices.pick(
            List.of(
                "\r\n0\r\n\r\n",
                "\r\n0\r\n\r\n",
                "\r\n0\r\nX: pwned\r\n\r\n",
                "\r\n0\r\n" + "X: pwned\r\n".repeat(20_000),
                "\r\n0\r\nX: " + "p".repeat(100_000),
                "0\r\n\r\n",
                "",
                "\r\n1\r\n".repeat(1000))));
  }

  private static void write(ByteArrayOutputStream out, String text) {
    out.writeBytes(text.getBytes(ISO_8859_1));
  }
}
