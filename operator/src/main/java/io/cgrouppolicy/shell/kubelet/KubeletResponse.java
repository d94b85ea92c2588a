package io.cgrouppolicy.shell.kubelet;

/// The outcome of a request to a kubelet.
public sealed interface KubeletResponse {
  /// The body of an answer with status 200, within the size limit and not parsed.
  record Body(byte[] bytes) implements KubeletResponse {}

  /// There is no body.
  ///
  /// @param message what happened and what to do, in one sentence. It contains nothing that the
  ///     server sent, so it is safe to show
  record Failure(Reason reason, String message) implements KubeletResponse {}
}
