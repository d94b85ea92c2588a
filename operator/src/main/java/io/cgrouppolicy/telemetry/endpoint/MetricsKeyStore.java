package io.cgrouppolicy.telemetry.endpoint;

import io.quarkus.tls.runtime.KeyStoreAndKeyCertOptions;
import io.quarkus.tls.runtime.KeyStoreProvider;
import io.smallrye.common.annotation.Identifier;
import io.vertx.core.Vertx;
import io.vertx.core.net.KeyCertOptions;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.InstantSource;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.KeyStoreBuilderParameters;
import javax.net.ssl.X509KeyManager;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/// The key store of the TLS configuration `metrics`. Quarkus asks for it at the start and once per
/// reload period.
///
/// A broken certificate is logged and stops nothing but the metrics: until it is fixed, handshakes
/// fail, or use the certificate from before.
@Singleton
@Identifier(MetricsKeyStore.NAME)
class MetricsKeyStore implements KeyStoreProvider {
  static final String NAME = "metrics";
  private static final Logger LOG = Logger.getLogger(MetricsKeyStore.class);
  private static final KeyStore.PasswordProtection NO_PASSWORD =
      new KeyStore.PasswordProtection(new char[0]);

  private final EndpointSettings settings;
  private final InstantSource clock;
  private final List<String> hosts;

  private ServingCertificate certificate;
  private KeyStore.PrivateKeyEntry serving;
  private String complaint;

  /// Each handshake looks here, so a change needs no restart of the server.
  private volatile KeyStore current;

  MetricsKeyStore(
      EndpointSettings settings,
      InstantSource clock,
      @ConfigProperty(name = "cgroup-policy.namespace") String namespace) {
    this.settings = settings;
    this.clock = clock;
    this.hosts = List.of("cgroup-policy-operator-metrics." + namespace + ".svc", "localhost");
  }

  /// @return null, which means plain HTTP, only if that is what the settings say
  @Override
  public synchronized KeyStoreAndKeyCertOptions getKeyStore(Vertx vertx) {
    if (!settings.secure()) {
      return null;
    }
    if (certificate == null) {
      certificate = new ServingCertificate(vertx, settings.tlsDirectory(), hosts, clock);
    }
    try {
      if (current == null) {
        current = store(null);
      }
      follow();
      return new KeyStoreAndKeyCertOptions(current, KeyCertOptions.wrap(keyManager()));
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("no key store for the metrics", e);
    }
  }

  private void follow() throws GeneralSecurityException, IOException {
    KeyStore.PrivateKeyEntry wanted;
    try {
      wanted = certificate.current();
    } catch (IOException e) {
      if (!e.getMessage().equals(complaint)) {
        complaint = e.getMessage();
        LOG.errorf(
            "%s: %s",
            serving == null
                ? "metrics are not served until this is mended"
                : "metrics are still served with the certificate from before",
            complaint);
      }
      return;
    }
    complaint = null;
    if (serving != null && wanted.getCertificate().equals(serving.getCertificate())) {
      return;
    }
    current = store(wanted);
    serving = wanted;
    LOG.infof(
        "the certificate of the metrics is %s",
        certificate.isOwn(wanted)
            ? "self-signed: there is none in " + settings.tlsDirectory()
            : "that of " + settings.tlsDirectory());
  }

  /// @param entry null for an empty one, with which every handshake fails
  private static KeyStore store(KeyStore.PrivateKeyEntry entry)
      throws GeneralSecurityException, IOException {
    var store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    if (entry != null) {
      store.setEntry(NAME, entry, NO_PASSWORD);
    }
    return store;
  }

  private X509KeyManager keyManager() throws GeneralSecurityException {
    var latest =
        new KeyStore.Builder() {
          @Override
          public KeyStore getKeyStore() {
            return current;
          }

          @Override
          public KeyStore.ProtectionParameter getProtectionParameter(String alias) {
            return NO_PASSWORD;
          }
        };
    var factory = KeyManagerFactory.getInstance("PKIX"); // which asks the builder each time
    factory.init(new KeyStoreBuilderParameters(latest));
    return (X509KeyManager) factory.getKeyManagers()[0];
  }
}
