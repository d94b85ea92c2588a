package io.cgrouppolicy.shell.kubelet;

import io.fabric8.kubernetes.client.Config;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/// The operator's own token, from the configuration of the Kubernetes client. A projected token
/// changes about every hour, so this reloads the configuration when the token is a minute old, as
/// fabric8's TokenRefreshInterceptor does.
final class BearerToken {
  private static final Duration FRESH = Duration.ofMinutes(1);

  private Config config;
  private final InstantSource clock;
  private String token;
  private Instant readAt;

  BearerToken(Config config, InstantSource clock) {
    this.config = config;
    this.clock = clock;
  }

  synchronized Optional<String> get() {
    var now = clock.instant();
    if (config.getOauthTokenProvider() != null || readAt == null) {
      token = effective(config);
      readAt = now;
    } else if (!now.isBefore(readAt.plus(FRESH))) {
      // Null or unchanged if the file cannot be read right now: the old token may still be valid.
      var refreshed = config.refresh();
      config = refreshed == null ? config : refreshed;
      token = effective(config);
      readAt = now;
    }
    return Optional.ofNullable(token).map(String::strip).filter(t -> !t.isEmpty());
  }

  private static String effective(Config config) {
    if (config.getOauthTokenProvider() != null) {
      return config.getOauthTokenProvider().getToken();
    }
    return config.getOauthToken() != null ? config.getOauthToken() : config.getAutoOAuthToken();
  }
}
