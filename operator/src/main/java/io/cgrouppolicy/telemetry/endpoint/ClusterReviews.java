package io.cgrouppolicy.telemetry.endpoint;

import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.api.model.authentication.UserInfo;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.RequestConfigBuilder;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.runtime.QuarkusPrincipal;
import io.quarkus.security.runtime.QuarkusSecurityIdentity;
import java.net.HttpURLConnection;
import java.util.Optional;
import java.util.function.Function;

/// Asks the API server whose a token is, and whether that user may read the metrics, as
/// controller-runtime's `filters.WithAuthenticationAndAuthorization` does: a TokenReview, and a
/// SubjectAccessReview of `get` on the URL `/metrics`. Needs config/rbac/metrics_auth_role.yaml.
final class ClusterReviews implements Function<String, Optional<SecurityIdentity>> {
  private final KubernetesClient client;

  /// On the event loop, so it does nothing.
  ClusterReviews(KubernetesClient client) {
    this.client = client;
  }

  /// One that gives up in time: a scraper waits for 10 s, the default is to retry for minutes.
  private KubernetesClient brief() {
    var config =
        new RequestConfigBuilder(client.getConfiguration().getRequestConfig())
            .withRequestTimeout(5_000)
            .withRequestRetryBackoffLimit(1)
            .build();
    return client.newClient(config).adapt(KubernetesClient.class);
  }

  /// Empty if it is not a token of the cluster.
  @Override
  public Optional<SecurityIdentity> apply(String token) {
    return user(token)
        .map(
            user -> {
              var identity =
                  QuarkusSecurityIdentity.builder()
                      .setPrincipal(new QuarkusPrincipal(user.getUsername()));
              if (mayRead(user)) {
                identity.addRole(BearerAuthentication.READER);
              }
              return identity.build();
            });
  }

  private Optional<UserInfo> user(String token) {
    try {
      var status =
          brief()
              .tokenReviews()
              .create(new TokenReviewBuilder().withNewSpec().withToken(token).endSpec().build())
              .getStatus();
      return status != null && Boolean.TRUE.equals(status.getAuthenticated())
          ? Optional.of(status.getUser())
          : Optional.empty();
    } catch (KubernetesClientException e) {
      throw failed("tokenreviews", e);
    }
  }

  private boolean mayRead(UserInfo user) {
    try {
      var status =
          brief()
              .authorization()
              .v1()
              .subjectAccessReview()
              .create(
                  new SubjectAccessReviewBuilder()
                      .withNewSpec()
                      .withUser(user.getUsername())
                      .withUid(user.getUid())
                      .withGroups(user.getGroups())
                      .withExtra(user.getExtra())
                      .withNewNonResourceAttributes()
                      .withPath(MetricsListener.PATH)
                      .withVerb("get")
                      .endNonResourceAttributes()
                      .endSpec()
                      .build())
              .getStatus();
      return status != null && Boolean.TRUE.equals(status.getAllowed());
    } catch (KubernetesClientException e) {
      throw failed("subjectaccessreviews", e);
    }
  }

  private static Refusal failed(String resource, KubernetesClientException e) {
    if (e.getCode() == HttpURLConnection.HTTP_FORBIDDEN) {
      return new Refusal(
          HttpURLConnection.HTTP_INTERNAL_ERROR,
          "the operator may not create "
              + resource
              + ": bind the ClusterRole of config/rbac/metrics_auth_role.yaml to it");
    }
    return new Refusal(
        HttpURLConnection.HTTP_UNAVAILABLE,
        "the API server did not answer the operator's request to create "
            + resource
            + (e.getCode() <= 0 ? "" : ", status " + e.getCode()));
  }
}
