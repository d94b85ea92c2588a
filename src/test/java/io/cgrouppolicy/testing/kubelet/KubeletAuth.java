package io.cgrouppolicy.testing.kubelet;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/// Who may read what from a kubelet.
@FunctionalInterface
interface KubeletAuth {
  /// @param token of the Authorization header; empty without one
  /// @param subresources of nodes; one of them is enough
  /// @return 200, 401 or 403
  CompletableFuture<Integer> decide(String token, String node, List<String> subresources);

  /// Knows one token, which may everything.
  static KubeletAuth only(String good) {
    return (token, node, subresources) ->
        CompletableFuture.completedFuture(token.equals(good) ? 200 : 401);
  }

  /// What a kubelet of 1.33 or later asks its authoriser for GET on this path (KEP-2862).
  static List<String> subresources(String path) {
    return switch (path.split("[/?]", 3)[1]) {
      case "stats" -> List.of("stats");
      case "metrics" -> List.of("metrics");
      case "logs" -> List.of("log");
      case "configz" -> List.of("configz", "proxy");
      case "healthz" -> List.of("healthz", "proxy");
      case "pods", "runningpods" -> List.of("pods", "proxy");
      default -> List.of("proxy");
    };
  }
}
