package io.cgrouppolicy.shell.kubelet;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.security.GeneralSecurityException;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/// The TLS context for kubelets or for the API server. TLS sessions are resumed, but never across a
/// change of the CAs: a change makes a new context.
final class PeerTls {
  /// Most sessions kept. A resumed session skips the verification.
  private static final int SESSIONS = 10_000;

  /// Then the certificate is verified again, which may have expired.
  private static final int SESSION_SECONDS = 3600;

  private final boolean verify;
  private final Optional<CaBundle> bundle;
  private final boolean jdkCas;
  private Object version;
  private SSLContext context;

  private PeerTls(boolean verify, boolean jdkCas, Optional<CaBundle> bundle) {
    this.verify = verify;
    this.jdkCas = jdkCas;
    this.bundle = bundle;
  }

  /// Verifies with the bundle. Without a bundle, there is no context.
  static PeerTls verifying(Optional<CaBundle> bundle) {
    return new PeerTls(true, false, bundle);
  }

  /// Verifies with the bundle, or without one with the CAs of the JDK.
  static PeerTls verifyingOrJdkCas(Optional<CaBundle> bundle) {
    return new PeerTls(true, true, bundle);
  }

  /// Verifies neither chain nor host name.
  static PeerTls insecure() {
    return new PeerTls(false, false, Optional.empty());
  }

  /// No CA is usable at present, so no server can be verified.
  static final class CaUnavailableException extends Exception {
    private static final long serialVersionUID = 1L;

    CaUnavailableException(String message, Exception cause) {
      super(message, cause);
    }
  }

  /// The context for the CAs as they are now. The version is taken before the content, so a file
  /// that is replaced in between is read again at the next call.
  synchronized SSLContext context() throws CaUnavailableException {
    try {
      if (bundle.isEmpty() && verify && !jdkCas) {
        throw new CaUnavailableException("there is no CA to verify kubelets with", null);
      }
      var now = bundle.isEmpty() ? "none" : bundle.get().version();
      if (context == null || !Objects.equals(now, version)) {
        context =
            build(
                verify
                    ? new PeerVerifier(bundle.isEmpty() ? null : bundle.get().certificates())
                    : new TrustAnyPeer());
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

  private static SSLContext build(TrustManager trust) throws GeneralSecurityException {
    var context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {trust}, null);
    var sessions = context.getClientSessionContext();
    sessions.setSessionCacheSize(SESSIONS);
    sessions.setSessionTimeout(SESSION_SECONDS);
    return context;
  }
}
