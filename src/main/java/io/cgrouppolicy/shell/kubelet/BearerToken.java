package io.cgrouppolicy.shell.kubelet;

import io.fabric8.kubernetes.client.Config;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/// The operator's own token, as the Kubernetes client has it. A projected token changes about every
/// hour; like fabric8's TokenRefreshInterceptor, this loads the configuration again when the token
/// is a minute old.
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
      // Null or the same when the file cannot be read at this moment: the old token may be good.
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
