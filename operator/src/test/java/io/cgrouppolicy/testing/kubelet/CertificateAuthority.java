package io.cgrouppolicy.testing.kubelet;

import io.netty.handler.ssl.IdentityCipherSuiteFilter;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.X509KeyManager;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// Signs serving certificates like a cluster's CA, with EC P-256 keys, which kubeadm supports and
/// which are the cheapest to serve.
public final class CertificateAuthority {
  private static final AtomicLong SERIAL = new AtomicLong(1);

  private final KeyPair keys = keys();
  private final X509Certificate certificate;

  /// Shared by all servers, because creating a key takes longer than signing.
  private final KeyPair serverKeys = keys();

  public CertificateAuthority(String name) {
    try {
      certificate =
          sign(
              builder(name, name, keys, Instant.now().plus(Duration.ofDays(30)))
                  .addExtension(Extension.basicConstraints, true, new BasicConstraints(true))
                  .addExtension(
                      Extension.keyUsage,
                      true,
                      new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign)));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /// The CA's certificate as PEM.
  public String pem() {
    try {
      return "-----BEGIN CERTIFICATE-----\n"
          + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(certificate.getEncoded())
          + "\n-----END CERTIFICATE-----\n";
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /// The key and certificate of a server at this IP address, for a day.
  public X509KeyManager keyManager(String address) {
    try {
      var leaf = leaf(List.of(address), Instant.now().plus(Duration.ofDays(1)));
      var store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      store.setKeyEntry("server", serverKeys.getPrivate(), new char[0], new Certificate[] {leaf});
      var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      managers.init(store, new char[0]);
      return (X509KeyManager) managers.getKeyManagers()[0];
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /// The TLS context of a server with these IP addresses.
  SslContext server(Collection<String> addresses, Instant notAfter) {
    try {
      return SslContextBuilder.forServer(serverKeys.getPrivate(), leaf(addresses, notAfter))
          .sslProvider(SslProvider.JDK)
          // All ciphers of the JDK, because Go supports all of them; Netty's own list lacks
          // ChaCha20.
          .ciphers(
              List.of(SSLContext.getDefault().getDefaultSSLParameters().getCipherSuites()),
              IdentityCipherSuiteFilter.INSTANCE)
          .build();
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private X509Certificate leaf(Collection<String> addresses, Instant notAfter) throws IOException {
    var names =
        addresses.stream()
            .map(address -> new GeneralName(GeneralName.iPAddress, address))
            .toArray(GeneralName[]::new);
    return sign(
        builder(
                certificate.getSubjectX500Principal().getName().substring(3),
                "system:node",
                serverKeys,
                notAfter)
            .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
            .addExtension(
                Extension.extendedKeyUsage,
                false,
                new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth))
            .addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names)));
  }

  private static JcaX509v3CertificateBuilder builder(
      String issuer, String subject, KeyPair keys, Instant notAfter) {
    return new JcaX509v3CertificateBuilder(
        new X500Principal("CN=" + issuer),
        BigInteger.valueOf(SERIAL.getAndIncrement()),
        Date.from(Instant.now().minus(Duration.ofDays(60))),
        Date.from(notAfter),
        new X500Principal("CN=" + subject),
        keys.getPublic());
  }

  private X509Certificate sign(X509v3CertificateBuilder builder) {
    try {
      var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate());
      return new JcaX509CertificateConverter().getCertificate(builder.build(signer));
    } catch (OperatorCreationException | GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static KeyPair keys() {
    try {
      var generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
