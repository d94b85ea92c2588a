package io.cgrouppolicy.telemetry.endpoint;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import javax.net.ssl.X509KeyManager;

/// The certificate to serve metrics with: the one in the files, where there are any, else one of
/// our own.
final class ServingCertificate {
  private static final Duration RENEW_BEFORE = Duration.ofDays(30);

  private final Vertx vertx;
  private final Path certificate;
  private final Path key;
  private final List<String> hosts;
  private final InstantSource clock;

  private PemPair own;
  private Instant renew;

  /// @param directory of `tls.crt` and `tls.key`
  /// @param hosts the names for which one of our own is; the first is its common name too
  ServingCertificate(Vertx vertx, Path directory, List<String> hosts, InstantSource clock) {
    this.vertx = vertx;
    this.certificate = directory.resolve("tls.crt");
    this.key = directory.resolve("tls.key");
    this.hosts = hosts;
    this.clock = clock;
  }

  /// As it is now. Equal to the last one as long as nothing has changed.
  ///
  /// @throws IOException when one of the files is missing, cannot be read, or is no such thing, or
  ///     the key is another's; it says which
  synchronized PemPair current() throws IOException {
    if (!Files.exists(certificate) && !Files.exists(key)) {
      return own();
    }
    var pair = new PemPair(read(certificate), read(key));
    verify(pair);
    return pair;
  }

  private PemPair own() {
    var now = clock.instant();
    if (own == null || !now.isBefore(renew)) {
      try {
        own = SelfSigned.create(hosts.getFirst(), hosts, now);
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("no certificate can be made", e);
      }
      renew = now.plus(SelfSigned.VALID).minus(RENEW_BEFORE);
    }
    return own;
  }

  boolean isOwn(PemPair pair) {
    return pair == own;
  }

  private static String read(Path file) throws IOException {
    if (!Files.exists(file)) {
      throw new IOException(file + " is missing");
    }
    return Files.readString(file, StandardCharsets.ISO_8859_1);
  }

  /// What TLS takes the pair from.
  ///
  /// @throws GeneralSecurityException when there is no certificate and key of RSA, EC or EdDSA in
  ///     it
  X509KeyManager keyManager(PemPair pair) throws GeneralSecurityException {
    var options =
        new PemKeyCertOptions()
            .addCertValue(Buffer.buffer(pair.certificate()))
            .addKeyValue(Buffer.buffer(pair.key()));
    try {
      for (var manager : options.getKeyManagerFactory(vertx).getKeyManagers()) {
        if (manager instanceof X509KeyManager keys && alias(keys) != null) {
          return keys;
        }
      }
    } catch (Exception e) { // whatever Vert.x throws, without its message, which may quote a key
      throw new GeneralSecurityException(
          "not a certificate and its key: " + e.getClass().getName());
    }
    throw new GeneralSecurityException("no key of a known type");
  }

  private static String alias(X509KeyManager keys) {
    return Stream.of("RSA", "EC", "EdDSA")
        .map(type -> keys.getServerAliases(type, null))
        .filter(Objects::nonNull)
        .map(aliases -> aliases[0])
        .findFirst()
        .orElse(null);
  }

  private void verify(PemPair pair) throws IOException {
    PublicKey publicKey;
    try {
      publicKey =
          CertificateFactory.getInstance("X.509")
              .generateCertificate(
                  new ByteArrayInputStream(
                      pair.certificate().getBytes(StandardCharsets.ISO_8859_1)))
              .getPublicKey();
    } catch (GeneralSecurityException e) {
      throw new IOException(certificate + " holds no certificate: " + e.getMessage(), e);
    }
    boolean match;
    try {
      var keys = keyManager(pair);
      match = match(publicKey, keys.getPrivateKey(alias(keys)));
    } catch (GeneralSecurityException e) {
      throw new IOException(key + " holds no private key for the certificate beside it", e);
    }
    if (!match) {
      throw new IOException("the key in " + key + " is not that of " + certificate);
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
