package io.cgrouppolicy.testing.kubelet;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/// Decides who may read what from a kubelet.
@FunctionalInterface
interface KubeletAuth {
  /// @param token from the Authorization header; empty without one
  /// @param subresources subresources of nodes, one of which must be granted
  /// @return 200, 401 or 403
  CompletableFuture<Integer> decide(String token, String node, List<String> subresources);

  /// Accepts a single token for everything.
  static KubeletAuth only(String good) {
    return (token, node, subresources) ->
        CompletableFuture.completedFuture(token.equals(good) ? 200 : 401);
  }

  /// What a kubelet of 1.33 or later asks its authorizer for a GET on this path (KEP-2862).
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
