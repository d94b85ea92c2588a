package io.cgrouppolicy.shell.kubelet;

import io.fabric8.kubernetes.client.Config;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Pattern;

/// A source of CAs: a PEM file, which may change (mounted ConfigMaps, rotated CAs), or fixed text.
final class CaBundle {
  private static final Path SERVICE_ACCOUNT_CA =
      Path.of("/var/run/secrets/kubernetes.io/serviceaccount/ca.crt");
  private static final Pattern CERTIFICATE =
      Pattern.compile(
          "-----BEGIN CERTIFICATE-----\\s+([A-Za-z0-9+/=\\s]+?)-----END CERTIFICATE-----");

  private final Path file;
  private final String text;

  private CaBundle(Path file, String text) {
    this.file = file;
    this.text = text;
  }

  /// For kubelets: the file of the setting, else the cluster's CA, from the pod or the kubeconfig.
  static CaBundle forKubelets(Optional<Path> setting, Config config) {
    if (setting.isPresent()) {
      return of(setting.get());
    }
    var ofApiServer = ofApiServer(config);
    return Files.exists(SERVICE_ACCOUNT_CA) || ofApiServer == null
        ? of(SERVICE_ACCOUNT_CA)
        : ofApiServer;
  }

  /// For the API server. Null if the configuration names none; then the JDK's CAs apply.
  static CaBundle ofApiServer(Config config) {
    if (config.getCaCertData() != null) {
      var pem = Base64.getMimeDecoder().decode(config.getCaCertData());
      return new CaBundle(null, new String(pem, StandardCharsets.US_ASCII));
    }
    return config.getCaCertFile() == null ? null : of(Path.of(config.getCaCertFile()));
  }

  static CaBundle of(Path file) {
    return new CaBundle(file, null);
  }

  /// The content as it is now.
  String pem() throws IOException {
    return file == null ? text : Files.readString(file, StandardCharsets.ISO_8859_1);
  }

  static KeyStore certificates(String pem) throws IOException, GeneralSecurityException {
    // Bundles often have comments between the blocks, which X.509 factories reject.
    var blocks = CERTIFICATE.matcher(pem);
    var factory = CertificateFactory.getInstance("X.509");
    var trusted = KeyStore.getInstance(KeyStore.getDefaultType());
    trusted.load(null, null);
    int n = 0;
    while (blocks.find()) {
      var der = Base64.getMimeDecoder().decode(blocks.group(1));
      trusted.setCertificateEntry(
          "ca-" + n++, factory.generateCertificate(new ByteArrayInputStream(der)));
    }
    if (n == 0) {
      throw new GeneralSecurityException("there is no certificate in it");
    }
    return trusted;
  }

  @Override
  public String toString() {
    return file == null ? "the CA of the kubeconfig" : file.toString();
  }
}
