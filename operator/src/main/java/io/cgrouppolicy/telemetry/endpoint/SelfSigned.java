package io.cgrouppolicy.telemetry.endpoint;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.wildfly.security.x500.GeneralName;
import org.wildfly.security.x500.X500;
import org.wildfly.security.x500.cert.BasicConstraintsExtension;
import org.wildfly.security.x500.cert.ExtendedKeyUsageExtension;
import org.wildfly.security.x500.cert.KeyUsage;
import org.wildfly.security.x500.cert.KeyUsageExtension;
import org.wildfly.security.x500.cert.SubjectAlternativeNamesExtension;
import org.wildfly.security.x500.cert.X509CertificateBuilder;

/// Creates a key and a certificate that it signs itself: traffic is encrypted, but the server's
/// identity is not proven.
final class SelfSigned {
  /// Longer than most processes live; one that lives longer creates another.
  static final Duration VALID = Duration.ofDays(365);

  private SelfSigned() {}

  /// @param hosts DNS names; the first is also the common name
  static KeyStore.PrivateKeyEntry create(List<String> hosts, Instant now)
      throws GeneralSecurityException {
    var generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    var keys = generator.generateKeyPair();
    var subject = new X500Principal("CN=" + hosts.getFirst());
    var names = hosts.stream().<GeneralName>map(GeneralName.DNSName::new).toList();
    var utc = now.atZone(ZoneOffset.UTC);
    var certificate =
        new X509CertificateBuilder()
            .setSerialNumber(new BigInteger(127, new SecureRandom()).add(BigInteger.ONE))
            .setSubjectDn(subject)
            .setIssuerDn(subject)
            .setNotValidBefore(utc.minusHours(1)) // for clocks that are behind
            .setNotValidAfter(utc.plus(VALID))
            .setPublicKey(keys.getPublic())
            .setSigningKey(keys.getPrivate())
            .setSignatureAlgorithmName("SHA256withECDSA")
            .addExtension(new BasicConstraintsExtension(true, false, -1))
            .addExtension(new KeyUsageExtension(true, KeyUsage.digitalSignature))
            .addExtension(new ExtendedKeyUsageExtension(false, List.of(X500.OID_KP_SERVER_AUTH)))
            .addExtension(new SubjectAlternativeNamesExtension(false, names))
            .build();
    return new KeyStore.PrivateKeyEntry(keys.getPrivate(), new Certificate[] {certificate});
  }
}
