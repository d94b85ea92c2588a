package io.cgrouppolicy.telemetry.endpoint;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509KeyManager;

/// The key of a server, which may become another while it listens: what is connected stays so, and
/// the next handshake has the new one. Vert.x would refuse connections while it exchanges them.
final class CurrentKey extends X509ExtendedKeyManager {
  private volatile X509KeyManager current;

  void become(X509KeyManager next) {
    current = next;
  }

  @Override
  public String chooseEngineServerAlias(String type, Principal[] issuers, SSLEngine engine) {
    return current.chooseServerAlias(type, issuers, null);
  }

  @Override
  public String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
    return current.chooseServerAlias(type, issuers, socket);
  }

  @Override
  public String[] getServerAliases(String type, Principal[] issuers) {
    return current.getServerAliases(type, issuers);
  }

  @Override
  public X509Certificate[] getCertificateChain(String alias) {
    return current.getCertificateChain(alias);
  }

  @Override
  public PrivateKey getPrivateKey(String alias) {
    return current.getPrivateKey(alias);
  }

  @Override
  public String[] getClientAliases(String type, Principal[] issuers) {
    return null;
  }

  @Override
  public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
    return null;
  }
}
