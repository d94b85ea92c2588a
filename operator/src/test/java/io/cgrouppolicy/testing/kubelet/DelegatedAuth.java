package io.cgrouppolicy.testing.kubelet;

import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.api.model.authentication.UserInfo;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/// Asks the API server by TokenReview and SubjectAccessReview, like kubelets do. All kubelets share
/// one cache of two minutes. Checks access to all nodes before access to one node: RBAC grants the
/// latter with the former, so that thousands of kubelets need only one review.
final class DelegatedAuth implements KubeletAuth {
  private static final Duration MEMORY = Duration.ofMinutes(2);
  private static final String ALL_NODES = "";

  private final KubernetesClient client;
  private final Executor threads = task -> Thread.ofVirtual().start(task);
  private final Map<Object, Remembered<?>> memory = new ConcurrentHashMap<>();

  private record Remembered<T>(CompletableFuture<T> answer, Instant until) {}

  private record Question(String user, String node, String subresource) {}

  DelegatedAuth(KubernetesClient client) {
    this.client = client;
  }

  void forget() {
    memory.clear();
  }

  @Override
  public CompletableFuture<Integer> decide(String token, String node, List<String> subresources) {
    if (token.isEmpty()) {
      return CompletableFuture.completedFuture(401);
    }
    return remembered(token, () -> review(token))
        .thenCompose(
            user ->
                user.isEmpty()
                    ? CompletableFuture.completedFuture(401)
                    : anyOf(user.get(), node, subresources, 0)
                        .thenApply(allowed -> allowed ? 200 : 403));
  }

  private CompletableFuture<Boolean> anyOf(
      UserInfo user, String node, List<String> subresources, int i) {
    if (i == subresources.size()) {
      return CompletableFuture.completedFuture(false);
    }
    return may(user, ALL_NODES, subresources.get(i))
        .thenCompose(
            all ->
                all
                    ? CompletableFuture.completedFuture(true)
                    : may(user, node, subresources.get(i)))
        .thenCompose(
            allowed ->
                allowed
                    ? CompletableFuture.completedFuture(true)
                    : anyOf(user, node, subresources, i + 1));
  }

  private CompletableFuture<Boolean> may(UserInfo user, String node, String subresource) {
    return remembered(
        new Question(user.getUsername(), node, subresource),
        () ->
            client
                .resource(
                    new SubjectAccessReviewBuilder()
                        .withNewSpec()
                        .withUser(user.getUsername())
                        .withUid(user.getUid())
                        .withGroups(user.getGroups())
                        .withExtra(user.getExtra())
                        .withNewResourceAttributes()
                        .withVerb("get")
                        .withVersion("v1")
                        .withResource("nodes")
                        .withSubresource(subresource)
                        .withName(node)
                        .endResourceAttributes()
                        .endSpec()
                        .build())
                .create()
                .getStatus()
                .getAllowed());
  }

  private Optional<UserInfo> review(String token) {
    var status =
        client
            .resource(new TokenReviewBuilder().withNewSpec().withToken(token).endSpec().build())
            .create()
            .getStatus();
    return Boolean.TRUE.equals(status.getAuthenticated())
        ? Optional.of(status.getUser())
        : Optional.empty();
  }

  @SuppressWarnings("unchecked") // all values of a key have the same type
  private <T> CompletableFuture<T> remembered(Object key, Supplier<T> question) {
    var now = Instant.now();
    var entry =
        memory.compute(
            key,
            (k, old) ->
                old != null && now.isBefore(old.until()) && !old.answer().isCompletedExceptionally()
                    ? old
                    : new Remembered<>(
                        CompletableFuture.supplyAsync(question, threads), now.plus(MEMORY)));
    return ((Remembered<T>) entry).answer();
  }
}
