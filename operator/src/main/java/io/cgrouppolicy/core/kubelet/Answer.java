package io.cgrouppolicy.core.kubelet;

import io.cgrouppolicy.core.check.Check;
import java.util.Set;

/// The result of asking a kubelet.
///
/// @param <T> the parsed body
public sealed interface Answer<T> {

  record Usable<T>(T value) implements Answer<T> {}

  /// No answer, a refusal, or a body that could not be parsed.
  ///
  /// @param check KubeletUnreachable, KubeletUnauthorized or KubeletConfigUnavailable
  /// @param reason a CamelCase word such as Timeout, TlsUntrusted or Forbidden
  /// @param message a sentence
  record Unusable<T>(Check check, String reason, String message) implements Answer<T> {
    /// The reason of an answer that is still awaited: not the kubelet's fault.
    public static final String OVERDUE = "Overdue";

    private static final Set<Check> CHECKS =
        Set.of(Check.KubeletUnreachable, Check.KubeletUnauthorized, Check.KubeletConfigUnavailable);

    public Unusable {
      if (!CHECKS.contains(check)) {
        throw new IllegalArgumentException(check + " is not about an answer");
      }
    }
  }
}
