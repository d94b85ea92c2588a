package io.cgrouppolicy.telemetry.endpoint;

import io.cgrouppolicy.telemetry.endpoint.MetricsAccess.Answer;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.api.model.authentication.UserInfo;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.RequestConfigBuilder;
import java.net.HttpURLConnection;
import java.util.function.Function;

/// Asks the API server whose a token is, and whether they may read the metrics, as
/// controller-runtime's `filters.WithAuthenticationAndAuthorization` does: a TokenReview, and a
/// SubjectAccessReview of `get` on the URL `/metrics`. Needs config/rbac/metrics_auth_role.yaml.
final class ClusterReviews implements Function<String, Answer> {
  private final KubernetesClient client;

  ClusterReviews(KubernetesClient client) {
    // Whoever scrapes waits for 10 s; by itself the client would try again for minutes.
    var brief =
        new RequestConfigBuilder(client.getConfiguration().getRequestConfig())
            .withRequestTimeout(5_000)
            .withRequestRetryBackoffLimit(1)
            .build();
    this.client = client.newClient(brief).adapt(KubernetesClient.class);
  }

  @Override
  public Answer apply(String token) {
    UserInfo user;
    try {
      var status =
          client
              .tokenReviews()
              .create(new TokenReviewBuilder().withNewSpec().withToken(token).endSpec().build())
              .getStatus();
      if (status == null || !Boolean.TRUE.equals(status.getAuthenticated())) {
        return Answer.UNAUTHENTICATED;
      }
      user = status.getUser();
    } catch (KubernetesClientException e) {
      return failed("tokenreviews", e);
    }
    try {
      return authorise(user);
    } catch (KubernetesClientException e) {
      return failed("subjectaccessreviews", e);
    }
  }

  private Answer authorise(UserInfo user) {
    var status =
        client
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
                    .withPath(MetricsEndpoint.PATH)
                    .withVerb("get")
                    .endNonResourceAttributes()
                    .endSpec()
                    .build())
            .getStatus();
    if (status != null && Boolean.TRUE.equals(status.getAllowed())) {
      return Answer.ALLOWED;
    }
    return new Answer(
        HttpURLConnection.HTTP_FORBIDDEN,
        user.getUsername() + " may not get the URL " + MetricsEndpoint.PATH);
  }

  /// The message goes to whoever asked and to the log, so it holds nothing of the request.
  private static Answer failed(String resource, KubernetesClientException e) {
    if (e.getCode() == HttpURLConnection.HTTP_FORBIDDEN) {
      return new Answer(
          HttpURLConnection.HTTP_INTERNAL_ERROR,
          "the operator may not create "
              + resource
              + ": bind the ClusterRole of config/rbac/metrics_auth_role.yaml to it");
    }
    return new Answer(
        HttpURLConnection.HTTP_UNAVAILABLE,
        "the API server did not answer the operator's request to create "
            + resource
            + (e.getCode() <= 0 ? "" : ", status " + e.getCode()));
  }
}
