package io.cgrouppolicy.shell.kubelet;

import io.fabric8.kubernetes.client.internal.SSLUtils;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.security.GeneralSecurityException;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/// The TLS context for kubelets or for the API server. TLS sessions are resumed, but never across a
/// change of the CAs: a change makes a new context.
final class PeerTls {
  /// Most sessions kept. A resumed session skips the verification.
  private static final int SESSIONS = 10_000;

  /// Then the certificate is verified again, which may have expired.
  private static final int SESSION_SECONDS = 3600;

  private final CaBundle bundle;
  private final boolean verify;
  private String pem;
  private SSLContext context;

  private PeerTls(CaBundle bundle, boolean verify) {
    this.bundle = bundle;
    this.verify = verify;
  }

  /// @param bundle null for the CAs of the JDK
  static PeerTls verifying(CaBundle bundle) {
    return new PeerTls(bundle, true);
  }

  /// Verifies neither chain nor host name.
  static PeerTls insecure() {
    return new PeerTls(null, false);
  }

  /// No CA is usable at present, so no server can be verified.
  static final class CaUnavailableException extends Exception {
    private static final long serialVersionUID = 1L;

    CaUnavailableException(String message, Exception cause) {
      super(message, cause);
    }
  }

  /// The context for the CAs as they are now.
  synchronized SSLContext context() throws CaUnavailableException {
    try {
      var now = bundle == null ? null : bundle.pem();
      if (context == null || !Objects.equals(now, pem)) {
        context = build(verify ? trust(now) : SSLUtils.trustManagers(null, null, true, null, null));
        pem = now;
      }
      return context;
    } catch (NoSuchFileException e) {
      throw new CaUnavailableException("there is no file " + e.getMessage(), e);
    } catch (IOException | GeneralSecurityException e) {
      throw new CaUnavailableException(
          "cannot use " + (bundle == null ? "the JDK's CAs" : bundle), e);
    }
  }

  private static TrustManager[] trust(String pem) throws IOException, GeneralSecurityException {
    var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(pem == null ? null : CaBundle.certificates(pem));
    return factory.getTrustManagers();
  }

  private static SSLContext build(TrustManager[] trust) throws GeneralSecurityException {
    var context = SSLContext.getInstance("TLS");
    context.init(null, trust, null);
    var sessions = context.getClientSessionContext();
    sessions.setSessionCacheSize(SESSIONS);
    sessions.setSessionTimeout(SESSION_SECONDS);
    return context;
  }
}
