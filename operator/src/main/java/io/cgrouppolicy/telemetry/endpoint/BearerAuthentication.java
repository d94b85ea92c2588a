package io.cgrouppolicy.telemetry.endpoint;

import io.quarkus.security.credential.TokenCredential;
import io.quarkus.security.identity.IdentityProviderManager;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.identity.request.AuthenticationRequest;
import io.quarkus.security.identity.request.TokenAuthenticationRequest;
import io.quarkus.security.runtime.QuarkusPrincipal;
import io.quarkus.security.runtime.QuarkusSecurityIdentity;
import io.quarkus.vertx.http.runtime.security.ChallengeData;
import io.quarkus.vertx.http.runtime.security.HttpAuthenticationMechanism;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Takes the bearer token from a request. If access is open by the settings, everybody is a reader.
@Singleton
class BearerAuthentication implements HttpAuthenticationMechanism {
  /// The role that `quarkus.management.auth.policy` asks for.
  static final String READER = "metrics-reader";

  private static final SecurityIdentity EVERYBODY =
      QuarkusSecurityIdentity.builder()
          .setPrincipal(new QuarkusPrincipal("everybody"))
          .addRole(READER)
          .build();

  private static final String BEARER = "bearer";

  private final EndpointSettings settings;

  BearerAuthentication(EndpointSettings settings) {
    this.settings = settings;
  }

  @Override
  public Uni<SecurityIdentity> authenticate(
      RoutingContext context, IdentityProviderManager identities) {
    if (!settings.secure()) {
      return Uni.createFrom().item(EVERYBODY);
    }
    var token = token(context.request().headers().getAll("Authorization"));
    return token == null
        ? Uni.createFrom().nullItem()
        : identities.authenticate(
            new TokenAuthenticationRequest(new TokenCredential(token, BEARER)));
  }

  /// Null if there is none, or more than one.
  static String token(List<String> headers) {
    if (headers.size() != 1) {
      return null;
    }
    var parts = headers.getFirst().strip().split(" +", 2);
    return parts.length == 2 && parts[0].toLowerCase(Locale.ROOT).equals(BEARER)
        ? parts[1].strip()
        : null;
  }

  @Override
  public Uni<ChallengeData> getChallenge(RoutingContext context) {
    return Uni.createFrom().item(new ChallengeData(401, "WWW-Authenticate", "Bearer"));
  }

  @Override
  public Set<Class<? extends AuthenticationRequest>> getCredentialTypes() {
    return Set.of(TokenAuthenticationRequest.class);
  }
}
