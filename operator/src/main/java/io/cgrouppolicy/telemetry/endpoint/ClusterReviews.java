package io.cgrouppolicy.telemetry.endpoint;

import io.cgrouppolicy.telemetry.endpoint.MetricsAccess.Refusal;
import io.cgrouppolicy.telemetry.endpoint.MetricsAccess.User;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.RequestConfigBuilder;
import java.util.Optional;
import java.util.function.Function;

/// Asks the API server which user a token belongs to, and whether that user may get a URL of the
/// operator, as controller-runtime's `filters.WithAuthenticationAndAuthorization` does: with a
/// TokenReview, and a SubjectAccessReview of `get` on the URL's path. Needs
/// config/rbac/metrics_auth_role.yaml.
final class ClusterReviews implements Function<String, Optional<User>> {
  private final KubernetesClient client;
  private final String path;

  /// On the event loop, so it does nothing.
  ClusterReviews(KubernetesClient client, String path) {
    this.client = client;
    this.path = path;
  }

  /// Empty if it is not a token of the cluster.
  @Override
  public Optional<User> apply(String token) {
    var authentication =
        create(
                "tokenreviews",
                new TokenReviewBuilder().withNewSpec().withToken(token).endSpec().build())
            .getStatus();
    if (authentication == null || !Boolean.TRUE.equals(authentication.getAuthenticated())) {
      return Optional.empty();
    }
    var user = authentication.getUser();
    var authorization =
        create(
                "subjectaccessreviews",
                new SubjectAccessReviewBuilder()
                    .withNewSpec()
                    .withUser(user.getUsername())
                    .withUid(user.getUid())
                    .withGroups(user.getGroups())
                    .withExtra(user.getExtra())
                    .withNewNonResourceAttributes()
                    .withPath(path)
                    .withVerb("get")
                    .endNonResourceAttributes()
                    .endSpec()
                    .build())
            .getStatus();
    boolean mayRead = authorization != null && Boolean.TRUE.equals(authorization.getAllowed());
    return Optional.of(new User(user.getUsername(), mayRead));
  }

  /// Fails early: a scraper waits only 10 s, but by default the client retries for minutes.
  private <T extends HasMetadata> T create(String resource, T review) {
    var brief =
        new RequestConfigBuilder(client.getConfiguration().getRequestConfig())
            .withRequestTimeout(5_000)
            .withRequestRetryBackoffLimit(1)
            .build();
    try {
      return client.newClient(brief).adapt(KubernetesClient.class).resource(review).create();
    } catch (KubernetesClientException e) {
      throw e.getCode() == 403
          ? new Refusal(
              500,
              "the operator may not create "
                  + resource
                  + ": bind the ClusterRole of config/rbac/metrics_auth_role.yaml to it")
          : new Refusal(
              503,
              "the API server did not answer the operator's request to create "
                  + resource
                  + (e.getCode() <= 0 ? "" : ", status " + e.getCode()));
    }
  }
}
