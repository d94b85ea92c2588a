package io.cgrouppolicy.testing.kubelet;

/// What a simulated kubelet does with a connection.
public enum Behaviour {
  /// Like a real kubelet: authenticates, authorizes, and serves the recorded answers.
  ANSWER,
  /// Refuses connections.
  REFUSE,
  CLOSE_ON_ACCEPT,
  HANG_BEFORE_HANDSHAKE,
  /// Responds in HTTP without TLS.
  PLAIN_HTTP,
  /// Uses a certificate for the right address, signed by an unknown CA.
  OTHER_CA,
  /// Uses a certificate of the right CA for another address.
  WRONG_SAN,
  EXPIRED,
  HANG_AFTER_REQUEST,
  /// Sends headers at once, then one byte per second.
  TRICKLE,
  /// Sends 1 GiB in chunks, so that no header announces it.
  HUGE_BODY,
  /// Sends 1 GiB, announced by Content-Length.
  HUGE_BODY_ANNOUNCED,
  /// Sends endless header lines.
  ENDLESS_HEADERS,
  /// Sends the bytes of [SimulatedKubelet#raw] instead of a response, and closes.
  RAW,
  /// Sends bytes that are not HTTP.
  GARBAGE,
  /// Responds 200 with an HTML page.
  HTML,
  /// Responds 200 with the first half of the right answer, as if it were complete.
  TRUNCATED_JSON,
  /// Responds 200 with 100,000 nested arrays.
  DEEP_JSON,
  /// Closes the connection after half of the announced body.
  CLOSE_IN_THE_MIDDLE,
  /// Responds 302 to the URL set by `redirectTo`.
  REDIRECT,
  STATUS_401,
  STATUS_403,
  STATUS_404,
  STATUS_418,
  STATUS_500
}
