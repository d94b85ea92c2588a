package io.cgrouppolicy.testing.kubelet;

/// What a simulated kubelet does with a connection.
public enum Behaviour {
  /// As a real one: authenticates, authorises, and serves the recorded answers.
  ANSWER,
  /// Nobody listens.
  REFUSE,
  CLOSE_ON_ACCEPT,
  HANG_BEFORE_HANDSHAKE,
  /// Answers in HTTP without TLS.
  PLAIN_HTTP,
  /// A certificate for the right address, signed by a CA that nobody knows.
  OTHER_CA,
  /// A certificate of the right CA, for another address.
  WRONG_SAN,
  EXPIRED,
  HANG_AFTER_REQUEST,
  /// Headers at once, then a byte a second.
  TRICKLE,
  /// 1 GiB, chunked, so that no header tells.
  HUGE_BODY,
  /// 1 GiB, announced by Content-Length.
  HUGE_BODY_ANNOUNCED,
  /// Header lines without an end.
  ENDLESS_HEADERS,
  /// Bytes that are not HTTP.
  GARBAGE,
  /// 200 with a page of HTML.
  HTML,
  /// 200 with the first half of the right answer, as if it were all.
  TRUNCATED_JSON,
  /// 200 with 100,000 arrays in each other.
  DEEP_JSON,
  /// Closes after half of the body that it announced.
  CLOSE_IN_THE_MIDDLE,
  /// 302 to what `redirectTo` says.
  REDIRECT,
  STATUS_401,
  STATUS_403,
  STATUS_404,
  STATUS_418,
  STATUS_500
}
