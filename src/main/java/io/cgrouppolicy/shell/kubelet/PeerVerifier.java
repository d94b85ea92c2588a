package io.cgrouppolicy.shell.kubelet;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/// The JDK's verification of chain and host name, which also tells which of the two failed; the
/// JDK's own exceptions tell it only in the wording of their messages.
final class PeerVerifier extends X509ExtendedTrustManager {
  private final X509ExtendedTrustManager jdk;

  /// @param trusted the CAs; null for those that the JDK ships
  PeerVerifier(KeyStore trusted) throws GeneralSecurityException {
    var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(trusted);
    jdk =
        Arrays.stream(factory.getTrustManagers())
            .filter(X509ExtendedTrustManager.class::isInstance)
            .map(X509ExtendedTrustManager.class::cast)
            .findFirst()
            .orElseThrow();
  }

  /// A peer that is not who it should be.
  static final class PeerRefused extends CertificateException {
    private static final long serialVersionUID = 1L;
    private final Reason reason;

    PeerRefused(Reason reason, CertificateException cause) {
      super(cause);
      this.reason = reason;
    }

    Reason reason() {
      return reason;
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    try {
      jdk.checkServerTrusted(chain, authType, engine);
    } catch (CertificateException e) {
      throw new PeerRefused(reason(chain, authType, e), e);
    }
  }

  private Reason reason(X509Certificate[] chain, String authType, CertificateException failure) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof CertificateExpiredException
          || t instanceof CertificateNotYetValidException) {
        return Reason.TlsExpired;
      }
    }
    try {
      jdk.checkServerTrusted(chain, authType); // the chain alone
      return Reason.TlsHostnameMismatch;
    } catch (CertificateException e) {
      return Reason.TlsUntrusted;
    }
  }

  // The client has an engine; the other ways in are for servers and sockets.

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    throw new CertificateException("the host name cannot be verified without an engine");
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    throw new CertificateException("only for engines");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    throw new CertificateException("only for servers");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    throw new CertificateException("only for servers");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    throw new CertificateException("only for servers");
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return jdk.getAcceptedIssuers();
  }
}
