package io.cgrouppolicy.shell.kubelet;

/// What came of asking a kubelet.
public sealed interface KubeletResponse {
  /// The body of an answer of status 200, at most as long as the limit; not parsed.
  record Body(byte[] bytes) implements KubeletResponse {}

  /// No body was had.
  ///
  /// @param message what happened and what to do, in a sentence; it holds nothing that the peer
  ///     wrote, so it can be shown as it is
  record Failure(Reason reason, String message) implements KubeletResponse {}
}
