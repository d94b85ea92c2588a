package io.cgrouppolicy.telemetry.endpoint;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.impl.KeyStoreHelper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.KeyStore.PasswordProtection;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.X509KeyManager;

/// The certificate to serve metrics with: the one in the files, if there are any, or a self-signed
/// one.
final class ServingCertificate {
  private static final Duration RENEW_BEFORE = Duration.ofDays(30);
  private static final char[] NO_PASSWORD = {};

  private final Vertx vertx;
  private final Path certificate;
  private final Path key;
  private final List<String> hosts;
  private final InstantSource clock;

  private KeyStore.PrivateKeyEntry own;
  private Instant renew;

  /// @param directory of `tls.crt` and `tls.key`
  /// @param hosts DNS names of a self-signed one
  ServingCertificate(Vertx vertx, Path directory, List<String> hosts, InstantSource clock) {
    this.vertx = vertx;
    this.certificate = directory.resolve("tls.crt");
    this.key = directory.resolve("tls.key");
    this.hosts = hosts;
    this.clock = clock;
  }

  /// @throws IOException if a file is missing, unreadable or malformed, or the key does not belong
  ///     to the certificate; the message names the file
  KeyStore.PrivateKeyEntry current() throws IOException {
    if (Files.exists(certificate) || Files.exists(key)) {
      return read();
    }
    var now = clock.instant();
    if (own == null || !now.isBefore(renew)) {
      try {
        own = SelfSigned.create(hosts, now);
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("cannot create a certificate", e);
      }
      renew = now.plus(SelfSigned.VALID).minus(RENEW_BEFORE);
    }
    return own;
  }

  boolean isOwn(KeyStore.PrivateKeyEntry entry) {
    return entry == own;
  }

  /// The options for a server. For a key and certificate in memory, Vert.x needs a key manager.
  static KeyCertOptions options(KeyStore.PrivateKeyEntry entry) throws IOException {
    try {
      var store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setEntry("metrics", entry, new PasswordProtection(NO_PASSWORD));
      var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      factory.init(store, NO_PASSWORD);
      return KeyCertOptions.wrap((X509KeyManager) factory.getKeyManagers()[0]);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot use a certificate", e);
    }
  }

  private KeyStore.PrivateKeyEntry read() throws IOException {
    for (var file : List.of(certificate, key)) {
      if (!Files.exists(file)) {
        throw new IOException(file + " is missing");
      }
    }
    // Once: the files may change at any time.
    var certificatePem = Files.readAllBytes(certificate);
    var keyPem = Files.readAllBytes(key);
    PublicKey publicKey;
    try {
      publicKey =
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(certificatePem))
              .getPublicKey();
    } catch (CertificateException e) {
      throw new IOException(certificate + " holds no certificate: " + e.getMessage(), e);
    }
    KeyStore.PrivateKeyEntry entry;
    boolean match;
    try {
      entry = entry(certificatePem, keyPem);
      match = match(publicKey, entry.getPrivateKey());
    } catch (GeneralSecurityException e) {
      throw new IOException(key + " holds no private key for the certificate beside it", e);
    }
    if (!match) {
      throw new IOException("the key in " + key + " is not that of " + certificate);
    }
    return entry;
  }

  /// Vert.x reads each PEM format that certificate managers write, including PKCS#1.
  private KeyStore.PrivateKeyEntry entry(byte[] certificatePem, byte[] keyPem)
      throws GeneralSecurityException {
    try {
      var store =
          new PemKeyCertOptions()
              .addCertValue(Buffer.buffer(certificatePem))
              .addKeyValue(Buffer.buffer(keyPem))
              .loadKeyStore(vertx);
      var password = new PasswordProtection(KeyStoreHelper.DUMMY_PASSWORD.toCharArray());
      return (KeyStore.PrivateKeyEntry) store.getEntry(store.aliases().nextElement(), password);
    } catch (Exception e) { // omits its message, which may quote a key
      throw new GeneralSecurityException("no certificate and key: " + e.getClass().getName());
    }
  }

  private static boolean match(PublicKey publicKey, PrivateKey privateKey)
      throws GeneralSecurityException {
    var probe = new byte[] {1};
    var algorithm =
        switch (publicKey.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> publicKey.getAlgorithm();
        };
    var signature = Signature.getInstance(algorithm);
    signature.initSign(privateKey);
    signature.update(probe);
    var signed = signature.sign();
    signature.initVerify(publicKey);
    signature.update(probe);
    return signature.verify(signed);
  }
}
