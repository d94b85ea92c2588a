package io.cgrouppolicy.shell.kubelet;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.IdentityCipherSuiteFilter;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/// The TLS of one kind of peer. Sessions are resumed, and never across a change of the CAs: those
/// begin a new context.
final class PeerTls {
  /// Kubelets whose session is kept, which spares the verification at the next visit.
  private static final int SESSIONS = 10_000;

  /// After this, the certificate is verified again, which may have expired meanwhile.
  private static final long SESSION_SECONDS = 3600;

  private final boolean verify;
  private final Optional<CaBundle> bundle;
  private final boolean jdkCas;
  private Object version;
  private SslContext context;

  private PeerTls(boolean verify, boolean jdkCas, Optional<CaBundle> bundle) {
    this.verify = verify;
    this.jdkCas = jdkCas;
    this.bundle = bundle;
  }

  /// Verifies with the bundle; without one, nobody.
  static PeerTls verifying(Optional<CaBundle> bundle) {
    return new PeerTls(true, false, bundle);
  }

  /// Verifies with the bundle; without one, with the CAs that the JDK ships.
  static PeerTls verifyingOrJdkCas(Optional<CaBundle> bundle) {
    return new PeerTls(true, true, bundle);
  }

  /// Neither chain nor host name.
  static PeerTls insecure() {
    return new PeerTls(false, false, Optional.empty());
  }

  /// Nobody can be verified at present.
  static final class CaUnavailableException extends Exception {
    private static final long serialVersionUID = 1L;

    CaUnavailableException(String message, Exception cause) {
      super(message, cause);
    }
  }

  /// The context for the CAs as they are now. Files that are replaced while they are read are read
  /// again at the next call, as their version was taken before.
  synchronized SslContext context() throws CaUnavailableException {
    try {
      if (bundle.isEmpty() && verify && !jdkCas) {
        throw new CaUnavailableException("there is no CA to verify kubelets with", null);
      }
      var now = bundle.isEmpty() ? "none" : bundle.get().version();
      if (context == null || !Objects.equals(now, version)) {
        context =
            verify
                ? build(
                    new PeerVerifier(bundle.isEmpty() ? null : bundle.get().certificates()),
                    "HTTPS")
                : build(InsecureTrustManagerFactory.INSTANCE.getTrustManagers()[0], null);
        version = now;
      }
      return context;
    } catch (NoSuchFileException e) {
      throw new CaUnavailableException("there is no file " + e.getMessage(), e);
    } catch (IOException | GeneralSecurityException e) {
      throw new CaUnavailableException(
          "cannot use " + bundle.map(CaBundle::toString).orElse("the JDK's CAs"), e);
    }
  }

  /// @param endpointIdentification which rule host names are verified by; null for none
  private static SslContext build(TrustManager trust, String endpointIdentification)
      throws IOException, GeneralSecurityException {
    // The JDK's own list, which follows jdk.tls.client.cipherSuites (config/jvm.options): Netty's
    // is
    // AES only, which costs four times as much where the JVM has no instructions for it.
    var ciphers = SSLContext.getDefault().getDefaultSSLParameters().getCipherSuites();
    return SslContextBuilder.forClient()
        .sslProvider(SslProvider.JDK)
        .ciphers(List.of(ciphers), IdentityCipherSuiteFilter.INSTANCE)
        .trustManager(trust)
        .endpointIdentificationAlgorithm(endpointIdentification)
        .sessionCacheSize(SESSIONS)
        .sessionTimeout(SESSION_SECONDS)
        .build();
  }

  static SslHandler handler(SslContext context, ByteBufAllocator allocator, Peer peer) {
    var handler = context.newHandler(allocator, peer.host(), peer.port());
    handler.setHandshakeTimeoutMillis(0); // the exchange's own deadline covers it
    return handler;
  }
}
