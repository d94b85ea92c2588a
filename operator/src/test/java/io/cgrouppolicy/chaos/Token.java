package io.cgrouppolicy.chaos;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Base64;

/// A token of the operator's ServiceAccount.
///
/// @param credential how the audit log names it
record Token(String value, String credential) {
  static Token mint(KubernetesClient admin, Duration life) {
    var spec =
        new TokenRequestBuilder()
            .withNewSpec()
            .withExpirationSeconds(life.toSeconds())
            .endSpec()
            .build();
    var value =
        admin
            .serviceAccounts()
            .inNamespace("cgroup-policy-system")
            .withName("cgroup-policy-operator")
            .tokenRequest(spec)
            .getStatus()
            .getToken();
    try {
      var claims =
          new ObjectMapper().readTree(Base64.getUrlDecoder().decode(value.split("\\.")[1]));
      return new Token(value, "JTI=" + claims.path("jti").asText());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
