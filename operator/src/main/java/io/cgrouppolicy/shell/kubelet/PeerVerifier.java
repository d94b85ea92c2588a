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

/// The JDK's verification of chain and host name, with the reason of a failure. The JDK's own
/// exceptions say which of the two failed only in the wording of their messages.
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

  /// The server is not the one that was asked for.
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
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    try {
      jdk.checkServerTrusted(chain, authType, socket);
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

  // HttpsGet uses sockets; the other methods are for servers and engines.

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    throw new CertificateException("the host name cannot be verified without a socket");
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    throw new CertificateException("only for sockets");
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
