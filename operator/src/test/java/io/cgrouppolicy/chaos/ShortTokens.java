package io.cgrouppolicy.chaos;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.FileReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;

/// Runs the replicas as in a Pod: with the token in a file that changes. Signs the tokens with the
/// cluster's own key, because the API grants none that expires within ten minutes.
final class ShortTokens implements AutoCloseable {
  private static final Duration GRACE = Duration.ofSeconds(20);
  private static final Duration FIRST = Duration.ofMinutes(5);
  private static final String KUBECONFIG = "KUBECONFIG";
  private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

  private final Scene scene;
  private final ObjectMapper json = new ObjectMapper();
  private final PrivateKey key;
  private final String uid;
  private final Map<String, String> pod;

  /// Restarts the replicas.
  ShortTokens(Scene scene) throws IOException {
    this.scene = scene;
    uid =
        scene
            .admin()
            .serviceAccounts()
            .inNamespace("cgroup-policy-system")
            .withName("cgroup-policy-operator")
            .get()
            .getMetadata()
            .getUid();
    var pem = scene.controlPlane().state().resolve("pki/service-accounts.key");
    try (var parser = new PEMParser(new FileReader(pem.toFile(), StandardCharsets.US_ASCII))) {
      key = new JcaPEMKeyConverter().getKeyPair((PEMKeyPair) parser.readObject()).getPrivate();
    }
    var ca = Files.writeString(scene.directory().resolve("proxy-ca.crt"), scene.proxy().caPem());
    pod =
        Map.of(
            "KUBERNETES_SERVICE_HOST", "127.0.0.1",
            "KUBERNETES_SERVICE_PORT", String.valueOf(scene.proxy().port()),
            "KUBERNETES_CERTS_CA_FILE", ca.toString());
    write(FIRST);
    for (var replica : scene.replicas().all()) {
      pod.forEach(replica::with);
      replica
          .with(KUBECONFIG, scene.directory().resolve("none").toString())
          .with("KUBERNETES_AUTH_SERVICEACCOUNT_TOKEN", file(replica).toString());
    }
    restart();
  }

  private Path file(Replica replica) {
    return scene.directory().resolve(replica.name() + ".token");
  }

  private void restart() {
    try (var _ = scene.outage()) {
      scene.replicas().all().forEach(replica -> replica.process().stop(GRACE));
      Probe.await(scene);
    }
  }

  /// Replaces the tokens by such that live for so long from now.
  void write(Duration life) throws IOException {
    for (var replica : scene.replicas().all()) {
      var next = scene.directory().resolve("token.next");
      Files.writeString(next, sign(replica, life));
      Files.move(
          next, file(replica), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  /// With the id of the replica's own token, by which the audit log names it.
  private String sign(Replica replica, Duration life) throws IOException {
    var now = Instant.now().getEpochSecond();
    var account = Map.of("name", "cgroup-policy-operator", "uid", uid);
    var claims =
        Map.of(
            "iss",
            "https://kubernetes.default.svc",
            "aud",
            List.of("https://kubernetes.default.svc"),
            "sub",
            "system:serviceaccount:cgroup-policy-system:cgroup-policy-operator",
            "iat",
            now,
            "nbf",
            now,
            "exp",
            now + life.toSeconds(),
            "jti",
            replica.token().credential().replaceFirst("JTI=", ""),
            "kubernetes.io",
            Map.of("namespace", "cgroup-policy-system", "serviceaccount", account));
    var text = encode(Map.of("alg", "ES256")) + "." + encode(claims);
    try {
      var signature = Signature.getInstance("SHA256withECDSAinP1363Format");
      signature.initSign(key);
      signature.update(text.getBytes(StandardCharsets.US_ASCII));
      return text + "." + BASE64.encodeToString(signature.sign());
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }

  private String encode(Map<String, ?> part) throws IOException {
    return BASE64.encodeToString(json.writeValueAsBytes(part));
  }

  /// Restarts the replicas with their kubeconfigs.
  @Override
  public void close() {
    for (var replica : scene.replicas().all()) {
      pod.keySet().forEach(setting -> replica.with(setting, null));
      replica
          .with("KUBERNETES_AUTH_SERVICEACCOUNT_TOKEN", null)
          .with(KUBECONFIG, scene.directory().resolve(replica.name() + ".kubeconfig").toString());
    }
    restart();
  }
}
