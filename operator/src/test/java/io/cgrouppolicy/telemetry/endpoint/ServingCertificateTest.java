package io.cgrouppolicy.telemetry.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObject;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServingCertificateTest {
  private static final Vertx VERTX = Vertx.vertx();
  private static final List<String> HOSTS = List.of("metrics.example.svc", "localhost");

  @TempDir Path directory;

  private Instant now = Instant.parse("2026-01-01T00:00:00Z");

  @AfterAll
  static void end() {
    VERTX.close();
  }

  private ServingCertificate certificate() {
    return new ServingCertificate(VERTX, directory, HOSTS, () -> now);
  }

  private static X509Certificate leaf(KeyStore.PrivateKeyEntry entry) {
    return (X509Certificate) entry.getCertificate();
  }

  private void write(KeyStore.PrivateKeyEntry entry) throws IOException {
    write(pem(entry.getCertificate()), pem(pkcs8(entry)));
  }

  private void write(String certificate, String key) throws IOException {
    Files.writeString(directory.resolve("tls.crt"), certificate);
    Files.writeString(directory.resolve("tls.key"), key);
  }

  @Test
  void aSelfSignedCertificateIsValid() throws Exception {
    var certificate = leaf(certificate().current());
    certificate.verify(certificate.getPublicKey());
    assertThat(certificate.getVersion()).isEqualTo(3);
    assertThat(certificate.getSubjectX500Principal().getName()).isEqualTo("CN=" + HOSTS.getFirst());
    assertThat(certificate.getSubjectAlternativeNames())
        .extracting(name -> String.valueOf(name.get(1)))
        .containsExactlyElementsOf(HOSTS);
    assertThat(certificate.getKeyUsage()).startsWith(true, false);
    assertThat(certificate.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
    assertThat(certificate.getBasicConstraints()).as("no CA").isEqualTo(-1);
    assertThat(certificate.getNotBefore().toInstant()).isEqualTo(now.minus(Duration.ofHours(1)));
    assertThat(certificate.getNotAfter().toInstant()).isEqualTo(now.plus(SelfSigned.VALID));
  }

  @Test
  void aSelfSignedCertificateHasTheIntendedLifetime() throws Exception {
    for (var time :
        List.of("2026-01-01T00:00:00Z", "2049-06-01T00:00:00Z", "2051-01-01T00:00:00Z")) {
      var at = Instant.parse(time);
      var many = IntStream.range(0, 30).mapToObj(i -> "host-" + i + ".test").toList();
      var certificate = leaf(SelfSigned.create(many, at));
      certificate.verify(certificate.getPublicKey());
      assertThat(certificate.getNotAfter().toInstant()).isEqualTo(at.plus(SelfSigned.VALID));
      assertThat(certificate.getSubjectAlternativeNames()).hasSize(30);
    }
  }

  @Test
  void aCertificateThatChangesWhileItIsReadIsNeverReturnedWithTheKeyOfAnother() throws Exception {
    var one = SelfSigned.create(List.of("one"), now);
    var other = SelfSigned.create(List.of("other"), now);
    write(one);
    var file = directory.resolve("tls.crt");
    var part = directory.resolve("part");
    var contents = List.of(pem(other.getCertificate()), pem(one.getCertificate()));
    var done = new AtomicBoolean();
    var writer =
        CompletableFuture.runAsync(
            () -> {
              for (int i = 0; !done.get(); i++) {
                try {
                  Files.writeString(part, contents.get(i % 2));
                  Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              }
            });
    int read = 0;
    int mixed = 0;
    try {
      for (int i = 0; i < 60; i++) {
        try {
          assertThat(certificate().current().getCertificate()).isEqualTo(one.getCertificate());
          read++;
        } catch (IOException e) {
          assertThat(e).hasMessageContaining("is not that of");
          mixed++;
        }
      }
    } finally {
      done.set(true);
      writer.join();
    }
    assertThat(read).isPositive();
    assertThat(mixed).isPositive();
  }

  @Test
  void aSelfSignedCertificateIsRenewedBeforeItExpires() throws Exception {
    var certificate = certificate();
    var first = certificate.current();
    now = now.plus(Duration.ofDays(334));
    assertThat(certificate.current()).isSameAs(first);
    now = now.plus(Duration.ofDays(1));
    var second = certificate.current();
    assertThat(leaf(second).getNotAfter()).isAfter(leaf(first).getNotAfter());
    assertThat(certificate.isOwn(second)).isTrue();
  }

  @Test
  void theFilesComeFirst() throws Exception {
    var certificate = certificate();
    var own = certificate.current();
    var given = SelfSigned.create(List.of("given"), now);
    write(given);
    assertThat(leaf(certificate.current())).isEqualTo(leaf(given)).isNotEqualTo(leaf(own));
    assertThat(certificate.current().getPrivateKey()).isEqualTo(given.getPrivateKey());
    assertThat(certificate.isOwn(certificate.current())).isFalse();
  }

  /// As certificate managers and OpenShift write them: PKCS#1.
  @Test
  void anRsaKeyInTheOldFormIsRead() throws Exception {
    var generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    var keys = generator.generateKeyPair();
    var name = new X500Principal("CN=rsa");
    var signed =
        new JcaX509v3CertificateBuilder(
                name,
                BigInteger.ONE,
                Date.from(now),
                Date.from(now.plus(Duration.ofDays(1))),
                name,
                keys.getPublic())
            .build(new JcaContentSignerBuilder("SHA256withRSA").build(keys.getPrivate()));
    write(pem(signed), pem(keys.getPrivate()));
    assertThat(directory.resolve("tls.key"))
        .content()
        .startsWith("-----BEGIN RSA PRIVATE KEY-----");
    assertThat(certificate().current().getPrivateKey()).isEqualTo(keys.getPrivate());
  }

  private static PemObject pkcs8(KeyStore.PrivateKeyEntry entry) {
    return new PemObject("PRIVATE KEY", entry.getPrivateKey().getEncoded());
  }

  private static String pem(Object object) throws IOException {
    var text = new StringWriter();
    try (var writer = new JcaPEMWriter(text)) {
      writer.writeObject(object);
    }
    return text.toString();
  }

  @Test
  void errorsNameTheBrokenFile() throws Exception {
    var one = SelfSigned.create(List.of("one"), now);
    var other = SelfSigned.create(List.of("other"), now);
    write(pem(one.getCertificate()), pem(pkcs8(other)));
    assertBroken("is not that of", "tls.crt");
    write("nonsense", pem(pkcs8(one)));
    assertBroken("tls.crt", "holds no certificate");
    write(
        pem(one.getCertificate()),
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    assertBroken("tls.key", "holds no private key");
    Files.delete(directory.resolve("tls.key"));
    assertBroken("tls.key", "is missing");
  }

  private void assertBroken(String... words) {
    assertThatThrownBy(() -> certificate().current())
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll(words);
  }
}
